import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DeclaresEntities, NotXml, readFields, textOf } from '../../../lib/wecom/callback-xml.ts';

const read = (text: string) => Object.fromEntries(readFields(Buffer.from(text)));

test('CDATA and plain text read alike, and elements in any order', () => {
  const expected = { Encrypt: ['abc='], AgentID: ['218'] };
  expect(read('<xml><Encrypt><![CDATA[abc=]]></Encrypt><AgentID>218</AgentID></xml>')).toEqual(expected);
  expect(read('<xml>\n <AgentID><![CDATA[218]]></AgentID>\r\n <Encrypt>abc=</Encrypt>\n</xml>\n')).toEqual(expected);
});

test('a declaration and a byte order mark before the root do not matter', () => {
  expect(read('\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<xml><A>1</A></xml>')).toEqual({ A: ['1'] });
});

test('values stay strings, also where a number would lose digits', () => {
  expect(read('<xml><MsgId>4561255354251345929</MsgId><A>007</A><B>1e3</B><C>true</C></xml>')).toEqual({
    MsgId: ['4561255354251345929'],
    A: ['007'],
    B: ['1e3'],
    C: ['true'],
  });
});

test('a repeated element is a list, and so are the texts inside an element', () => {
  expect(read('<xml><K>a</K><K><![CDATA[b]]></K><L><Item>c</Item><Item>d</Item></L></xml>')).toEqual({
    K: ['a', 'b'],
    L: ['c', 'd'],
  });
});

test('inside CDATA nothing is markup', () => {
  const nasty = '<!DOCTYPE x [<!ENTITY e "boom">]> &e; <?php ?> <b c="d"> &amp;';
  expect(read(`<xml><Content><![CDATA[${nasty}]]></Content></xml>`)).toEqual({ Content: [nasty] });
});

test('the references that need no declaration are text', () => {
  expect(textOf(readFields(Buffer.from('<xml><State>a&amp;b&lt;c</State></xml>')), 'State')).toBe('a&b<c');
});

test('an empty or missing element has no text', () => {
  const fields = readFields(Buffer.from('<xml><A></A><B><![CDATA[]]></B><C/><D>1</D></xml>'));
  expect(['A', 'B', 'C', 'none', 'D'].map((name) => textOf(fields, name))).toEqual([
    ...[undefined, undefined, undefined, undefined],
    '1',
  ]);
});

const BOMB = `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "${'&lol;'.repeat(10)}">]><xml><A>&lol2;</A></xml>`;

test.each([
  ['a document type', '<!DOCTYPE xml><xml><A>1</A></xml>'],
  ['an entity that expands', BOMB],
  ['a file as an entity', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>'],
  ['a document type behind a declaration', '<?xml version="1.0"?><!DOCTYPE xml><xml><A>1</A></xml>'],
  ['a document type behind a comment that opens CDATA', '<!-- <![CDATA[ --><!DOCTYPE x><xml><A>]]></A></xml>'],
  ['a document type in small letters', '<!doctype xml><xml><A>1</A></xml>'],
  ['an entity of its own', '<xml><A>&mine;</A></xml>'],
  ['a processing instruction', '<xml><?run me?><A>1</A></xml>'],
  ['a second declaration', '<?xml version="1.0"?><?xml version="1.0"?><xml><A>1</A></xml>'],
  ['CDATA that does not end', '<xml><A><![CDATA[1</A></xml>'],
])('refused as more than elements: %s', (_, text) => {
  expect(() => read(text)).toThrow(DeclaresEntities);
});

test.each([
  ['nothing', ''],
  ['text', 'hello'],
  ['an element without elements', '<xml>hello</xml>'],
  ['an empty root', '<xml></xml>'],
  ['two roots', '<xml><A>1</A></xml><xml><A>2</A></xml>'],
  ['text behind the root', '<xml><A>1</A></xml>x'],
  ['a wrong closing tag', '<xml><A>1</B></xml>'],
  ['no closing tag', '<xml><A>1</A>'],
  ['attributes', '<xml><A b="<![CDATA["/><C d="]]>"/></xml>'],
  ['an element named __proto__', '<xml><__proto__><polluted>1</polluted></__proto__></xml>'],
  ['a thousand levels', `${'<a>'.repeat(1000)}1${'</a>'.repeat(1000)}`],
  ['a JSON list', '["encrypt"]'],
  ['half of a JSON object', '{"encrypt":"a'],
])('refused as not XML: %s', (_, text) => {
  expect(() => read(text)).toThrow(NotXml);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => readFields(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0xfe]))).toThrow(NotXml);
});

test('no name reaches a prototype', () => {
  const fields = readFields(Buffer.from('{"__proto__":{"polluted":"1"},"constructor":"2","encrypt":"abc"}'));
  expect(Object('').polluted).toBeUndefined();
  expect(textOf(fields, 'toString')).toBeUndefined();
  expect(textOf(fields, 'encrypt')).toBe('abc');
});

test('the JSON form gives the same fields', () => {
  expect(read('{"tousername":"ww1","encrypt":"abc","agentid":218}')).toEqual({
    tousername: ['ww1'],
    encrypt: ['abc'],
    agentid: ['218'],
  });
});

test('whatever the bytes, they are read or refused as not XML', () => {
  const piece = fc.constantFrom(
    '<xml>',
    '</xml>',
    '<A>',
    '</A>',
    '<A/>',
    '<![CDATA[',
    ']]>',
    '&amp;',
    '&',
    '<!--',
    '-->',
  );
  const more = fc.constantFrom(
    '<?xml ?>',
    '<!DOCTYPE',
    '>',
    '<',
    '{',
    '}',
    '"',
    'text',
    ' ',
    '=',
    '__proto__',
    '\u0000',
  );
  const soup = fc.array(fc.oneof(piece, more), { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')));
  const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(soup, noise), (bytes) => {
      try {
        for (const texts of readFields(bytes).values())
          expect(texts.every((text) => typeof text === 'string')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(NotXml);
      }
    }),
    { numRuns: 3000 },
  );
});
