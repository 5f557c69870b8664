import * as z from 'zod';

/** Where a stack is meant to stand. */
export interface Place {
  readonly stage: string;
  readonly region: string;
  /** The laptop's stack has neither a domain nor a network, whatever its stage says. */
  readonly where: 'cloud' | 'laptop';
}

/** What an operator sets of the stack itself, checked. */
export interface StackSettings {
  readonly domain: { readonly name: string; readonly certificate: string } | undefined;
  /** Undefined: any of AWS's addresses. Empty: two new ones. Otherwise two that the account has. */
  readonly outgoing: readonly OutgoingAddress[] | undefined;
  /** The names of WeCom’s files of proof. */
  readonly verification: readonly string[];
  /** Undefined: no alarms. */
  readonly alarmAddress: string | undefined;
  readonly ownKey: boolean;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** How many environments are kept for callbacks alone; 0: none. */
  readonly callbackConcurrency: number;
  /** Whether nothing may be left of the stack when it is removed. */
  readonly leavesNothing: boolean;
}

/** An Elastic IP of the account: its allocation id, and the address that WeCom sees. */
export interface OutgoingAddress {
  readonly allocationId: string;
  readonly address: string;
}

/** The settings of a stage do not make a stack. The message names each setting and the mend. */
export class UnusableStackSettings extends Error {
  constructor(stage: string, problems: readonly string[]) {
    super([`config/${stage}.yml does not make a stack yet:`, ...problems.map((one) => `- ${one}`)].join('\n'));
    this.name = 'UnusableStackSettings';
  }
}

const text = z.union([z.string(), z.null().transform(() => '')]).transform((one) => one.trim());
const number = z.coerce.number().int();

const Raw = z.object({
  domain: text,
  certificate: text,
  outgoing: text,
  outgoingAddresses: z.union([z.array(z.string()), text.transform((one) => one.split(',').filter(Boolean))]),
  verificationFiles: z.union([z.array(z.string()), text.transform((one) => one.split(',').filter(Boolean))]),
  alarmAddress: text,
  encryption: text,
  requestsPerSecond: number.min(1),
  requestBurst: number.min(1),
  callbackConcurrency: number.min(0),
  deletionPolicy: text,
});

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const ADDRESS = /^(eipalloc-[0-9a-f]+)\s+(\d{1,3}(?:\.\d{1,3}){3})$/;
/** WeCom's 可信域名 asks for such a file at the root of the domain. */
const FILE = /^(WW_verify_[A-Za-z0-9]+\.txt)$/;

/**
 * Checks what a stage says of its stack.
 *
 * @throws UnusableStackSettings with every problem at once
 */
export function readStackSettings(raw: unknown, { stage, region, where }: Place): StackSettings {
  const parsed = Raw.safeParse(where === 'laptop' ? { ...Object(raw), ...LAPTOP } : raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new UnusableStackSettings(stage, problems);
  }
  const said = parsed.data;
  const problems = STAGE.test(stage) ? [] : [WRONG_STAGE];
  const settings: StackSettings = {
    domain: readDomain(said, region, problems),
    outgoing: readOutgoing(said, problems),
    verification: readVerification(said.verificationFiles, problems),
    alarmAddress: readAlarmAddress(said.alarmAddress, problems),
    ownKey: said.encryption === 'own-key',
    requestsPerSecond: said.requestsPerSecond,
    requestBurst: said.requestBurst,
    callbackConcurrency: said.callbackConcurrency,
    leavesNothing: said.deletionPolicy === 'Delete',
  };
  if (!['aws', 'own-key'].includes(said.encryption)) problems.push('encryption: is aws or own-key.');
  if (problems.length > 0) throw new UnusableStackSettings(stage, problems);
  return settings;
}

/** Roles and functions have names of 64 characters at most, buckets of small letters, digits and dashes; the stage stands in all of them. */
const STAGE = /^(?=.{1,13}$)[a-z0-9]+(-+[a-z0-9]+)*$/;
const WRONG_STAGE =
  'the stage’s name: has 1 to 13 small letters, digits and dashes between them, because it stands in the names of roles and of the bucket.';

const LAPTOP = { domain: 'none', outgoing: 'any', alarmAddress: 'none', encryption: 'aws' };

function readDomain(
  { domain, certificate }: z.infer<typeof Raw>,
  region: string,
  problems: string[],
): StackSettings['domain'] {
  if (domain === 'none') return undefined;
  if (domain === '') {
    problems.push(
      'domain: is missing. WeCom saves a callback address only on a domain of the corp: write domain: wecom.example.com ' +
        'and certificate, or domain: none for a stage that no real corp calls.',
    );
    return undefined;
  }
  if (!HOST.test(domain)) problems.push('domain: is a host name in small letters, e.g. wecom.example.com, or none.');
  if (certificate === '') {
    problems.push(`certificate: is missing. It is the ARN of a certificate of ACM in ${region} for the domain.`);
  } else if (!new RegExp(`^arn:[a-z-]+:acm:${region}:\\d{12}:certificate/[\\w-]+$`).test(certificate)) {
    problems.push(`certificate: is no ARN of a certificate of ACM in ${region}, where the stack stands.`);
  }
  return { name: domain, certificate };
}

function readOutgoing(
  { outgoing, outgoingAddresses }: z.infer<typeof Raw>,
  problems: string[],
): StackSettings['outgoing'] {
  if (outgoing === 'any') return undefined;
  if (outgoing !== 'fixed') {
    problems.push(
      'outgoing: is fixed (WeCom answers 60020 to calls from addresses that the app does not list as trusted) or any.',
    );
    return undefined;
  }
  const addresses = outgoingAddresses.map((one) => {
    const [, allocationId = '', address = ''] = ADDRESS.exec(one.trim()) ?? [];
    return { allocationId, address };
  });
  const isTwo = addresses.length === 0 || addresses.length === 2;
  if (!isTwo || addresses.some(({ address }) => address === '')) {
    problems.push('outgoingAddresses: are none, or two of the form "eipalloc-0123456789abcdef0 203.0.113.7".');
  }
  return addresses;
}

function readVerification(files: readonly string[], problems: string[]): string[] {
  const found = files.map((one) => FILE.exec(one.trim()));
  if (found.includes(null)) problems.push('verificationFiles: are names such as WW_verify_AbCdEf0123456789.txt.');
  return found.flatMap((match) => match?.[1] ?? []);
}

function readAlarmAddress(address: string, problems: string[]): string | undefined {
  if (address === 'none') return undefined;
  if (/^[^@\s]+@[^@\s]+$/.test(address) || address.startsWith('https://')) return address;
  problems.push(
    'alarmAddress: is missing. Who hears that customers wait? An e-mail address or an https:// address; none for a stage without alarms.',
  );
  return undefined;
}
