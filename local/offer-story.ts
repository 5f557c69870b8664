import { ACCOUNT, follow } from './story.ts';
import { until } from './story-steps.ts';
import type { WeCom } from './wecom/simulator.ts';

const CUSTOMER = 'wmSun';
const AGENTS = ['zhangsan', 'lisi', 'wangwu'];

/**
 * A customer asks for a person, and whoever gets him lets him wait: when the offer's time is up another one has him, and answers. Prints
 * what happens, with times. `offerSeconds` is how long an agent has. Throws `StepFailed`.
 */
export async function tellOffer(wecom: WeCom, offerSeconds: number, print: (line: string) => void): Promise<void> {
  const teller = follow(wecom, { [CUSTOMER]: '孙先生' }, Date.now(), print);
  const servicer = () => wecom.session(ACCOUNT, CUSTOMER).servicer;
  try {
    for (const agent of AGENTS) wecom.habit(agent, { does: 'ignores' });
    await wecom.phone(CUSTOMER).write(ACCOUNT, '转人工');
    await until('孙先生 is with an agent', () => servicer() !== undefined);
    const first = servicer() ?? '';
    teller.catchUp();
    print(`          … ${first} does not look. An offer lasts ${offerSeconds} s: waiting for it to expire …`);
    for (const agent of AGENTS) if (agent !== first) wecom.habit(agent, { does: 'answers', afterSeconds: 1 });
    const answered = () =>
      wecom
        .phone(CUSTOMER)
        .received(ACCOUNT)
        .some(({ from }) => from === 'servicer');
    await until('the offer expires, and the next agent answers 孙先生', answered, (offerSeconds + 20) * 1000);
    teller.catchUp();
    print(`          the offer to ${first} expired; ${servicer()} has the customer and answered`);
    await wecom.client(servicer() ?? '').end(ACCOUNT, CUSTOMER);
    await wecom.idle();
  } finally {
    for (const agent of AGENTS) wecom.habit(agent, undefined);
    teller.stop();
  }
}
