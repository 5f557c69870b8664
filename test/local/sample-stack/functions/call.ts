import { callAws, type Service } from './aws.ts';

let invocations = 0;

type Wish =
  | { readonly do: 'call'; readonly service: Service; readonly action: string; readonly body: Record<string, unknown> }
  | { readonly do: 'wecom'; readonly path: string; readonly body: object }
  | { readonly do: 'look' };

/** Does what it is told to and says what came of it. `$NAME` in a text stands for the variable. */
export async function handler(wish: Wish, context: { getRemainingTimeInMillis(): number }): Promise<unknown> {
  invocations++;
  switch (wish.do) {
    case 'call':
      return outcome(() => callAws(wish.service, wish.action, withVariables(wish.body)));
    case 'wecom':
      return outcome(async () => {
        const url = `${process.env.WECOM_API_URL}${wish.path}`;
        const response = await fetch(url, { method: 'POST', body: JSON.stringify(wish.body) });
        return { status: response.status, body: await response.json() };
      });
    case 'look':
      return {
        env: process.env,
        invocations,
        now: Date.now(),
        made: Date.parse(new Date().toISOString()),
        parsed: new Date('2030-01-02T03:04:05Z').toISOString(),
        isDate: new Date() instanceof Date,
        remaining: context.getRemainingTimeInMillis(),
      };
  }
}

async function outcome<T extends object>(work: () => Promise<T>): Promise<T | { lost: string }> {
  try {
    return await work();
  } catch (error) {
    return { lost: String(error) };
  }
}

function withVariables(body: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(body).replaceAll(/\$([A-Z_]+)/g, (_, name: string) => process.env[name] ?? '');
  return JSON.parse(text);
}
