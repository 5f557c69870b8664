/** One line of a result. Numbers carry their unit in the column's name. */
export type Row = Readonly<Record<string, string | number>>;

export interface Bench {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  run(wish: Wish): Promise<readonly Row[]>;
}

export interface Wish {
  /** How often to repeat, in the bench's own unit; each bench has a default. */
  readonly runs?: number | undefined;
  /** Says what is going on. */
  readonly say: (line: string) => void;
}
