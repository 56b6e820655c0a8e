import { Tokenizer } from 'htmlparser2';

/** Told of what HTML holds, in its order. */
export interface HtmlReader {
  text(text: string): void;
  /** Of a tag, in small letters. */
  opened(name: string): void;
  closed(name: string): void;
  comment(): void;
}

/**
 * Reads HTML by the parser's own tokens: no elements are kept, so that none can be nested too deep, and it takes time in
 * proportion to its length, whatever it holds. Nothing within elements of these names is told. A tag that never ends is
 * text: what a clinician wrote after a `<` is not lost.
 */
export function readHtml(html: string, unread: ReadonlySet<string>, reader: HtmlReader): void {
  let within: string | null = null;
  let openAt: number | null = null;
  const tell = (how: (told: HtmlReader) => void) => {
    if (within === null) how(reader);
  };
  const none = () => undefined;
  const ended = () => {
    openAt = null;
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(from, to) {
        const name = html.slice(from, to).toLowerCase();
        openAt = from - 1;
        tell(({ opened }) => opened(name));
        if (within === null && unread.has(name)) within = name;
      },
      onopentagend: ended,
      onselfclosingtag: ended,
      onclosetag(from, to) {
        const name = html.slice(from, to).toLowerCase();
        if (within === name) within = null;
        tell(({ closed }) => closed(name));
      },
      ontext: (from, to) => tell(({ text }) => text(html.slice(from, to))),
      ontextentity: (code) => tell(({ text }) => text(String.fromCodePoint(code))),
      oncdata: (from, to, offset) => tell(({ text }) => text(html.slice(from, to - offset))),
      oncomment: () => tell(({ comment }) => comment()),
      ondeclaration: none,
      onprocessinginstruction: none,
      onattribdata: none,
      onattribentity: none,
      onattribend: none,
      onattribname: none,
      onend: none,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  const rest = openAt;
  if (rest !== null) tell(({ text }) => text(html.slice(rest)));
}
