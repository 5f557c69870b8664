import { relative } from 'node:path';

/** What the person who started the stack needs to go on. */
export interface Running {
  readonly root: string;
  readonly stackUrl: string;
  /** Absent when another WeCom is talked to. */
  readonly simulatorUrl?: string | undefined;
  readonly awsEndpoint: string;
  /** The variables by which a command finds the stack's tables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The business configuration that was loaded. */
  readonly config?: string | undefined;
}

/** Where everything is, and the line that shows or changes the business configuration. */
export function addresses(running: Running): string {
  const { root, stackUrl, simulatorUrl, awsEndpoint, environment, logFile, config } = running;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const file = config === undefined ? 'config/sample.yml' : inShell(fromRoot(root, config));
  const lines = [
    '',
    `callback   ${stackUrl}/wecom/callbacks/{app}`,
    `admin      ${stackUrl}/admin/v1/   teams, contact-ways, conversations/{id}, decisions/{r}, figures (no signature needed here)`,
    `invoke     curl -X POST ${stackUrl}/_/invoke/{function}`,
    ...(simulatorUrl === undefined ? [] : [`simulator  ${simulatorUrl}   (curl ${simulatorUrl}/_/ says how to play)`]),
    `aws        ${awsEndpoint}`,
    `logs       ${logFile}`,
    '',
    'To see or change the business configuration, from another terminal (npm run ops -- doctor works with the same variables, as all of npm run ops):',
    `${variables.join(' ')} npm run config -- plan ${file}`,
    '',
    'Ctrl-C stops everything.',
  ];
  return lines.join('\n');
}

/** `npm run` works in the project's folder, from wherever it is called. */
function fromRoot(root: string, file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') ? file : path;
}

const inShell = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
