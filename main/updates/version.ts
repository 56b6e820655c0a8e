/** Below zero where `a` is the older one. Both are three numbers (`programVersion` of the contract). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((one) => one.split('.').map(Number)) as [number[], number[]];
  const differences = left.map((part, at) => part - (right[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

export const isOlder = (a: string, b: string): boolean => compareVersions(a, b) < 0;
