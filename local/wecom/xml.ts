type Value = string | number | readonly string[];

function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** WeCom's way of writing XML: text in CDATA, numbers bare, one element per line; a list repeats its element. */
export function writeXml(fields: Readonly<Record<string, Value>>): string {
  const lines = Object.entries(fields).flatMap(([name, value]) => {
    const values = typeof value === 'object' ? value : [value];
    return values.map((one) => `  <${name}>${typeof one === 'number' ? one : cdata(one)}</${name}>`);
  });
  return ['<xml>', ...lines, '</xml>'].join('\n');
}
