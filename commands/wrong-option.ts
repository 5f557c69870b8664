import { isNativeError } from 'node:util/types';

/** The one line for words that `parseArgs` of `node:util` does not take; undefined for every other error. */
export function wrongOption(error: unknown): string | undefined {
  if (!(isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) return undefined;
  const unknown = /^Unknown option '([^']*)'/.exec(error.message)?.[1];
  if (unknown !== undefined)
    return `There is no option ${unknown}; --help names those that there are. 没有选项 ${unknown}，见 --help。`;
  // What follows the first sentence is for who writes programs.
  const [first = error.message] = error.message.split(/\.?\n|\. /);
  return `${first}; --help says how it is called. 用法不对，见 --help。`;
}
