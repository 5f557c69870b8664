/** What roles allow though no test needs it, as `function action resource`, and why. */
export const EXCUSED_GRANTS: Readonly<Record<string, string>> = {};
