interface Seen {
  readonly rawPath?: string;
  readonly body?: string;
}

/** Answers with the event that it got, and says on its output that it got one. */
export async function handler(event: Seen): Promise<unknown> {
  console.log(JSON.stringify({ saw: event }));
  if (event.rawPath?.endsWith('/throw')) throw new Error('as ordered');
  if (event.rawPath?.endsWith('/hang')) await new Promise(() => setInterval(() => undefined, 1000));
  if (event.rawPath?.endsWith('/plain')) return { just: 'this' };
  if (event.rawPath?.endsWith('/cookies')) {
    return {
      statusCode: 201,
      headers: { 'X-Kind': 'test' },
      cookies: ['a=1', 'b=2'],
      body: 'aGk=',
      isBase64Encoded: true,
    };
  }
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
}
