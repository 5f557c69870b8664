import { StepFailed, until } from './story-steps.ts';
import type { TranscriptLine, WeCom } from './wecom/simulator.ts';

/** The account on which the stories take place. */
export const ACCOUNT = 'wkSUPPORT00000000000000000000001';
const CUSTOMERS = { wmLi: '李女士', wmSmith: 'Mr Smith', wmWang: '王先生' } as const;

/**
 * Three customers write at once: one is answered by a rule, one clicks through a menu, one asks for a person, is assigned,
 * gets an answer from the agent, and ends. Prints what each side saw, with times. Throws `StepFailed`.
 */
export async function tellStory(wecom: WeCom, print: (line: string) => void): Promise<void> {
  const teller = follow(wecom, CUSTOMERS, Date.now(), print);
  try {
    await Promise.all([ruleAnswers(wecom), menuAnswers(wecom), personAnswers(wecom)]);
    await wecom.idle();
  } finally {
    teller.stop();
  }
}

async function ruleAnswers(wecom: WeCom): Promise<void> {
  const phone = wecom.phone('wmLi');
  await phone.write(ACCOUNT, '请问你们几点营业？');
  await until('a rule answers 李女士', () => phone.received(ACCOUNT).some(({ from }) => from === 'api'));
}

async function menuAnswers(wecom: WeCom): Promise<void> {
  const phone = wecom.phone('wmSmith');
  await phone.enter(ACCOUNT);
  const menu = () => phone.received(ACCOUNT).find(({ msgtype }) => msgtype === 'msgmenu');
  await until('Mr Smith is greeted with a menu', () => menu() !== undefined);
  const item = firstClick(menu()?.body);
  if (item === undefined) throw new StepFailed('the greeting has a menu item to click');
  const before = phone.received(ACCOUNT).length;
  await phone.click(ACCOUNT, item);
  await until("Mr Smith's choice is answered", () => phone.received(ACCOUNT).length > before);
}

async function personAnswers(wecom: WeCom): Promise<void> {
  const phone = wecom.phone('wmWang');
  const session = () => wecom.session(ACCOUNT, 'wmWang');
  await phone.write(ACCOUNT, '转人工');
  await until('王先生 is with an agent', () => session().state === 3);
  const agent = wecom.client(session().servicer ?? '');
  await agent.answer(ACCOUNT, 'wmWang', '王先生您好，我来帮您查一下订单。');
  await phone.write(ACCOUNT, '好的，谢谢！');
  await agent.answer(ACCOUNT, 'wmWang', '已为您加急处理，明天送达。');
  const before = phone.received(ACCOUNT).length;
  await agent.end(ACCOUNT, 'wmWang');
  await until('王先生 reads that the conversation has ended', () => phone.received(ACCOUNT).length > before);
  await phone.write(ACCOUNT, '谢谢');
}

function firstClick(body: unknown): string | undefined {
  const menu = body as { list?: { type?: string; click?: { id?: string } }[] } | undefined;
  return menu?.list?.find(({ type, click }) => type === 'click' && click?.id !== undefined)?.click?.id;
}

/** Prints new lines of these customers' transcripts as they come. */
export function follow(
  wecom: WeCom,
  customers: Readonly<Record<string, string>>,
  began: number,
  print: (line: string) => void,
) {
  const told = new Map<string, number>();
  const catchUp = (): void => {
    const fresh: { name: string; line: TranscriptLine }[] = [];
    for (const [who, name] of Object.entries(customers)) {
      const lines = wecom.transcript(ACCOUNT, who);
      for (const line of lines.slice(told.get(who) ?? 0)) fresh.push({ name, line });
      told.set(who, lines.length);
    }
    for (const { name, line } of fresh.toSorted((a, b) => a.line.at - b.line.at)) print(sentence(name, line, began));
  };
  const timer = setInterval(catchUp, 50);
  return {
    catchUp,
    stop(): void {
      clearInterval(timer);
      catchUp();
    },
  };
}

function sentence(name: string, line: TranscriptLine, began: number): string {
  const seconds = `${((line.at - began) / 1000).toFixed(2)} s`.padStart(8);
  const said = (line.text ?? `[${line.msgtype}]`).replaceAll('\n', ' / ');
  switch (line.from) {
    case 'customer':
      return `${seconds}  ${name} → ${said}`;
    case 'servicer':
      return `${seconds}  ${name} ← ${line.servicer} (agent): ${said}`;
    case 'api':
      return `${seconds}  ${name} ← Concierge: ${said}`;
    case 'system':
      return `${seconds}  ${name} · WeCom: ${said}`;
  }
}
