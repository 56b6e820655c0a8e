import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Words that the page says, and where. */
export interface SaidWords {
  readonly words: string;
  readonly file: string;
  readonly line: number;
}

/** Functions whose first argument is words (`renderer/words`). */
const SAYS = new Set(['t', 'rich']);
const FOLDER = 'renderer';

/** The page's source files, parsed, of the clone in `project`. */
export function pageSources(project: string): ts.SourceFile[] {
  return readdirSync(join(project, FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => {
      const file = `${FOLDER}/${name.replaceAll('\\', '/')}`;
      const text = readFileSync(join(project, file), 'utf8');
      const kind = name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
      return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
    });
}

/** The literals of an expression that is one, or a choice between some; null where it may be something else. */
function literalsOf(node: ts.Expression | undefined): ts.StringLiteralLike[] | null {
  if (!node) return null;
  if (ts.isStringLiteralLike(node)) return [node];
  if (ts.isParenthesizedExpression(node)) return literalsOf(node.expression);
  if (!ts.isConditionalExpression(node)) return null;
  const [yes, no] = [literalsOf(node.whenTrue), literalsOf(node.whenFalse)];
  return yes && no ? [...yes, ...no] : null;
}

/** Each words that a file says. Throws where `t` is given what is not written out, as nobody could translate that. */
export function wordsOf(source: ts.SourceFile): SaidWords[] {
  const found: SaidWords[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && SAYS.has(node.expression.text)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const literals = literalsOf(node.arguments[0]);
      if (!literals) throw new Error(`${source.fileName}:${line}: words must be written out where they are said`);
      for (const { text } of literals) found.push({ words: text, file: source.fileName, line });
    }
    ts.forEachChild(node, visit);
  };
  if (!source.fileName.startsWith('renderer/words/')) visit(source);
  return found;
}

/** Every words of the page, each once, in the order of the alphabet. */
export function allWords(project: string): string[] {
  const said = pageSources(project).flatMap(wordsOf);
  return [...new Set(said.map(({ words }) => words))].sort();
}
