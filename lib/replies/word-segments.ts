/**
 * A text as bare words: one width, one case, no marks. Chinese characters that stood together stay together, everything
 * else is parted by one space: 「退 货？」 is "退货", "用iPhone15付款" is "用 iphone15 付款".
 *
 * @param fold what else is to be the same, e.g. traditional and simplified characters
 */
export function bareWords(text: string, fold: (text: string) => string = (same) => same): string {
  return fold(text.normalize('NFKC').toLowerCase())
    .replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .replace(/(?<=\p{Script=Han})(?=[^\p{Script=Han} ])|(?<=[^\p{Script=Han} ])(?=\p{Script=Han})/gu, ' ')
    .trim();
}

/**
 * What two texts are compared by: their words, and the pairs of neighbouring Chinese characters, each once. Words
 * carry the meaning; pairs hold where one text was divided otherwise than the other (退/货 and 退货), which the dictionary
 * of the segmenter decides by what stands beside.
 *
 * @param bare bare words, see `bareWords`
 */
export function featuresOf(bare: string): string[] {
  const features = new Set<string>();
  for (const { segment, isWordLike } of SEGMENTER.segment(bare)) {
    if (isWordLike) features.add(isHan(segment) ? `w${segment}` : singular(segment));
  }
  for (const [run] of bare.matchAll(/\p{Script=Han}{2,}/gu)) {
    const characters = [...run];
    for (let at = 1; at < characters.length; at += 1) features.add(`${characters[at - 1]}${characters[at]}`);
  }
  return [...features];
}

/** The features without which a text cannot contain another: words of Chinese may be divided otherwise in it. */
export function isUndivided(feature: string): boolean {
  return !feature.startsWith('w') || !isHan(feature.slice(1));
}

/**
 * Words that are in every question and say nothing of what is asked. They count, but little. Question words are none of
 * them: "where is my parcel" is not "my parcel is damaged".
 */
export function isStopWord(feature: string): boolean {
  return STOP_WORDS.has(feature);
}

// One for the process: making one takes longer than dividing a question.
const SEGMENTER = new Intl.Segmenter('zh', { granularity: 'word' });

const isHan = (text: string): boolean => /^\p{Script=Han}/u.test(text);

/** Light: it has to make the two forms of a word the same, not to find the right one. */
function singular(word: string): string {
  if (word.length < 4 || !/^[a-z]+s$/.test(word) || /(ss|us|is)$/.test(word)) return word;
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return /(x|z|ch|sh|ss)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}

const ZH_WORDS =
  '的 了 吗 呢 吧 啊 呀 哦 嗯 我 你 您 我们 你们 请 请问 问 想 要 一下 是 在 有 和 就 都 也 能 会 可以 这 那 个 你好 您好';
const ZH_PAIRS = '请问 一下 我想 你们 我们 可以 你好 您好 想问 问一 以吗 好我 好请 我要 是不 不是';
const EN_WORDS =
  'a an and any are be can could d do does for have hello hi i if in is it ll m me my of on or our please s t thank that ' +
  'the there this to u ve want we will with would you your';
const STOP_WORDS: ReadonlySet<string> = new Set([
  ...ZH_WORDS.split(' ').map((word) => `w${word}`),
  ...ZH_PAIRS.split(' '),
  ...EN_WORDS.split(' '),
]);
