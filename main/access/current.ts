export const OUTDATED = Symbol('outdated');

/** The answer, or that there are labels by now which the decision didn't know. */
export async function current<Value>(answer: Promise<Value>): Promise<Value | typeof OUTDATED> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'sight-outdated') return OUTDATED;
    throw error;
  }
}
