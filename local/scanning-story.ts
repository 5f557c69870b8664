import { StepFailed, until } from './story-steps.ts';
import type { WayView } from './wecom/contact-views.ts';
import type { WeCom } from './wecom/simulator.ts';

const CUSTOMERS = [
  ...['陈女士', 'Ms Brown', '刘先生', 'Mr Davis', '黄女士', 'Ms Evans'],
  ...['赵先生', 'Mr Green', '周女士', 'Ms Hill', '吴先生', 'Mr Jones'],
];

/**
 * Twelve customers scan one printed team code, one after the other: each gets the member whose turn it is, and a welcome, while the code's
 * list moves on to the next one. Prints each turn, then the shares. Throws `StepFailed`.
 */
export async function tellScans(wecom: WeCom, print: (line: string) => void): Promise<void> {
  const code = (): WayView | undefined => wecom.contacts.ways().find(({ users }) => users.length === 1);
  await until('WeCom has the team code of the configuration', () => code() !== undefined);
  const { configId = '' } = code() ?? {};
  const listed = () =>
    wecom.contacts
      .ways()
      .find((way) => way.configId === configId)
      ?.users.join() ?? '';
  const turns = new Map<string, number>();
  for (const [scan, name] of CUSTOMERS.entries()) {
    const phone = wecom.phone(`wmScan${scan + 1}`);
    const before = listed();
    const began = Date.now();
    const { member } = await phone.scan(configId);
    turns.set(member, (turns.get(member) ?? 0) + 1);
    await until(`${name} is welcomed`, () => phone.welcomes().length > 0);
    const welcomed = Date.now() - began;
    await until('the code moves on to the next member', () => listed() !== before);
    const moved = Date.now() - began;
    const said = (phone.welcomes()[0]?.text ?? '').replaceAll('\n', ' / ');
    if (scan === 0) print(`   Everybody is welcomed with: ${said}\n`);
    print(`   ${name} adds ${member}, welcomed after ${welcomed} ms; next after ${moved} ms: ${listed()}`);
  }
  const shares = [...turns].map(([member, count]) => `${member} ${count}`).join(' · ');
  print(`\n   turns: ${shares}`);
  if (new Set(turns.values()).size > 1) throw new StepFailed('everybody has as many turns as the others');
}
