import { DAY, type Instant } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { type Item, present, type Table } from '../store/table.ts';
import { Faq, versionOfFaq } from './faq.ts';
import { type FaqIndex, faqIndex } from './faq-index.ts';
import { fold } from './normalize.ts';

export interface FaqStore {
  /** The index of that version of the list. Until the rule sets name another it is the same object. Undefined where it is not whole. */
  faqIndexFor(version: string): Promise<FaqIndex | undefined>;
  /** The list that was saved last and not removed, consistently read; undefined where there is none, or it is not whole. */
  faq(): Promise<Faq | undefined>;
  /** Saving what is there already changes nothing that a reader sees. */
  saveFaq(faq: Faq): Promise<void>;
  removeFaq(): Promise<void>;
  /** Lets go of every version but these and the one that was saved last: after a day they are gone. */
  keepFaqs(versions: ReadonlySet<string>, now: Instant): Promise<void>;
}

/** DynamoDB keeps items of up to 400 KB; written as JSON an entry is longer than DynamoDB counts it. */
const PART_BYTES = 250_000;
/** Whoever still reads an old version has read it by then. */
const LET_GO_AFTER = DAY;
/** The one in use, and those that accounts have until their rule sets follow. */
const MOST_REMEMBERED = 3;

/**
 * Lists of frequent questions. A version is named by its content and never changes, so that it can be remembered and a rule set that
 * names it always says the same. It lies in parts, which are all there before the head, or a rule set, names it.
 */
export function faqStore(table: Table): FaqStore {
  const HEAD = { id: 'faq', entry: 'head' };
  const noteKey = (version: string) => ({ id: 'faq', entry: `version#${version}` });
  const partKey = (version: string, part: number) => ({ id: `faq#${version}`, entry: `part#${part}` });
  const remembered = new Map<string, FaqIndex>();

  async function read(version: string): Promise<Faq | undefined> {
    const first = await table.get(partKey(version, 0), { consistent: true });
    const parts = typeof first?.of === 'number' ? first.of : 0;
    const others = Array.from({ length: Math.max(0, parts - 1) }, (_, index) =>
      table.get(partKey(version, index + 1), { consistent: true }),
    );
    const entries = [first, ...(await Promise.all(others))].map((part) => part?.entries);
    if (!entries.every((some) => Array.isArray(some))) return undefined;
    const faq = Faq.safeParse(entries.flat());
    return faq.success ? faq.data : undefined;
  }

  async function notes(): Promise<Item[]> {
    const found: Item[] = [];
    let after: Item | undefined;
    do {
      const page = await table.query({ partition: 'faq', consistent: true, ...(after && { after }) });
      found.push(...page.items);
      after = page.next;
    } while (after);
    return found;
  }

  return {
    async faqIndexFor(version) {
      const known = remembered.get(version);
      if (known) return known;
      const faq = await read(version);
      if (!faq) {
        // Rules go on answering; applying the file again brings the list back.
        count('FaqMissing');
        log.error('list of frequent questions is not whole');
        return undefined;
      }
      const index = faqIndex(faq, { fold });
      const [oldest] = remembered.size < MOST_REMEMBERED ? [] : remembered.keys();
      if (oldest !== undefined) remembered.delete(oldest);
      remembered.set(version, index);
      return index;
    },

    async faq() {
      const head = await table.get(HEAD, { consistent: true });
      return typeof head?.version === 'string' ? read(head.version) : undefined;
    },

    async saveFaq(faq) {
      const version = versionOfFaq(faq);
      const parts = partsOf(faq);
      // First, so that what a crash leaves is found and let go of.
      await table.put({ ...noteKey(version), parts: parts.length });
      for (const [index, entries] of parts.entries()) {
        await table.put({ ...partKey(version, index), entries, of: parts.length });
      }
      await table.put({ ...HEAD, version });
    },

    async removeFaq() {
      await table.delete(HEAD);
    },

    async keepFaqs(versions, now) {
      const found = await notes();
      const head = found.find(({ entry }) => entry === HEAD.entry)?.version;
      for (const { entry, parts, expiresAt } of found) {
        const version = String(entry).startsWith('version#') ? String(entry).slice('version#'.length) : undefined;
        if (version === undefined) continue;
        const kept = version === head || versions.has(version);
        if (kept === (expiresAt === undefined)) continue;
        // In DynamoDB's seconds. One that is wanted again after all stays.
        const change = kept
          ? { remove: ['expiresAt'] }
          : { set: { expiresAt: Math.ceil((now + LET_GO_AFTER) / 1000) } };
        const keys = Array.from({ length: Number(parts) }, (_, index) => partKey(version, index));
        for (const key of [...keys, noteKey(version)]) await table.update(key, change, { condition: present('id') });
      }
    },
  };
}

/** The entries in their order, as many in a part as an item takes; an empty list is one empty part. */
function partsOf(faq: Faq): Faq[] {
  const parts: Faq[] = [[]];
  let bytes = 0;
  for (const entry of faq) {
    const size = Buffer.byteLength(JSON.stringify(entry));
    if (bytes > 0 && bytes + size > PART_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(entry);
    bytes += size;
  }
  return parts;
}
