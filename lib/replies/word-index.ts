/** Finds which of many words stand in a text by looking at the text once, however many words there are. */
export interface WordIndex {
  add(word: string, owner: number): void;
  /** Calls back for every word that stands somewhere in the text; for a word that stands there twice, twice. */
  eachIn(text: string, found: (owner: number) => void): void;
}

/** Words by how they begin, two characters deep: few words share a beginning, and a text has as many beginnings as characters. */
export function wordIndex(): WordIndex {
  const byBeginning = new Map<string, { word: string; owner: number }[]>();
  return {
    add(word, owner) {
      const beginning = word.slice(0, 2);
      const words = byBeginning.get(beginning);
      if (words) words.push({ word, owner });
      else byBeginning.set(beginning, [{ word, owner }]);
    },
    eachIn(text, found) {
      for (let at = 0; at < text.length; at += 1) {
        for (const { owner } of byBeginning.get(text.charAt(at)) ?? []) found(owner);
        if (at + 1 === text.length) break;
        for (const { word, owner } of byBeginning.get(text.slice(at, at + 2)) ?? []) {
          if (text.startsWith(word, at)) found(owner);
        }
      }
    },
  };
}
