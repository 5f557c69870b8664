import { XMLParser } from 'fast-xml-parser';

/**
 * What WeCom writes in a callback: the elements below the root, each with its texts. A repeated element has several; an
 * element that holds others has theirs. Values stay strings, since a MsgId has 64 bits.
 */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** The text is not what WeCom writes. */
export class NotXml extends Error {
  override readonly name: string = 'NotXml';
}

/** The text declares a document type, refers to an entity of its own, or instructs a processor. WeCom never does. */
export class DeclaresEntities extends NotXml {
  override readonly name = 'DeclaresEntities';
}

const DEEPEST = 8;
const DECLARATION = /^\s*<\?xml\s[^<>]*\?>/;
/** All that WeCom's XML consists of: CDATA, tags without attributes, text, and references that need no declaration. */
const PIECE =
  /<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)[A-Za-z_][\w.-]*\s*(\/?)>|[^<&]+|&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});/gy;
const MARKUP_OF_TROUBLE = /^(?:<!|<\?|&)/;

const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, maxNestedTags: DEEPEST });
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads an XML text, or the JSON form of one, which smart robots and devices use.
 * Throws `NotXml`, or its kind `DeclaresEntities`. The caller bounds the size.
 */
export function readFields(bytes: Buffer): Fields {
  const text = decodeUtf8(bytes);
  return text.trimStart().startsWith('{') ? readJson(text) : readXml(text);
}

/** UTF-8 and nothing else; a byte order mark is dropped. Throws `NotXml`. */
export function decodeUtf8(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new NotXml('not UTF-8');
  }
}

/** The first text of an element, if it has one that is not empty. */
export function textOf(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.[0] || undefined;
}

function readXml(text: string): Fields {
  const xml = text.replace(DECLARATION, '');
  refuseForeignMarkup(xml);
  return fieldsOf(rootOf(parse(xml)));
}

/**
 * The parser knows far more XML than WeCom writes, and what it knows has been attacked before (entities that expand,
 * names that reach prototypes). So only what WeCom writes gets as far as the parser.
 */
function refuseForeignMarkup(xml: string): void {
  let depth = 0;
  let read = 0;
  for (const [piece, closing, selfClosing] of xml.matchAll(PIECE)) {
    read += piece.length;
    if (!piece.startsWith('<') || piece.startsWith('<!')) continue;
    if (closing) depth -= 1;
    else if (!selfClosing) depth += 1;
    if (depth > DEEPEST) throw new NotXml('too deep');
  }
  if (read === xml.length) return;
  if (MARKUP_OF_TROUBLE.test(xml.slice(read, read + 2))) throw new DeclaresEntities('more than elements and text');
  throw new NotXml('not elements and text');
}

function parse(xml: string): unknown {
  try {
    return parser.parse(xml, true);
  } catch {
    // The parser's message quotes the text.
    throw new NotXml('not well-formed');
  }
}

function rootOf(document: unknown): object {
  const [root, ...others] = isObject(document) ? Object.values(document) : [];
  if (others.length > 0 || !isObject(root)) throw new NotXml('not one root with elements');
  return root;
}

function readJson(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return fieldsOf(value);
  } catch {
    // JSON's message quotes the text.
  }
  throw new NotXml('neither XML nor JSON');
}

function fieldsOf(element: object): Fields {
  return new Map(Object.entries(element).map(([name, value]) => [name, textsIn(value, DEEPEST)]));
}

function textsIn(value: unknown, deepest: number): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (!isObject(value) || deepest === 0) return [];
  return Object.values(value).flatMap((inner) => textsIn(inner, deepest - 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
