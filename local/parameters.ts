import type { Clock } from './clock.ts';
import type { Answer } from './event-bus.ts';
import { arn } from './template.ts';

/** The parameter store and the secrets manager: names and texts, and which version each is at. */
export interface Parameters {
  handle(action: string, request: Readonly<Record<string, unknown>>): Answer;
}

interface Version {
  readonly value: string;
  /** Seconds since 1970, as AWS writes it. */
  readonly at: number;
}

/** What a parameter of the standard tier holds. */
const LARGEST_PARAMETER = 4096;

/**
 * Answers the calls that read and write a parameter or a secret. What is written lives as long as the stack.
 *
 * @param given what is there at the beginning
 */
export function createParameters(given: Readonly<Record<string, string>>, clock: Pick<Clock, 'now'>): Parameters {
  const at = () => clock.now() / 1000;
  const versions = new Map<string, readonly Version[]>(
    // They were written before the stack was deployed that reads them.
    Object.entries(given).map(([name, value]) => [name, [{ value, at: at() - 60 }]]),
  );

  function write(name: string, value: string): number {
    const all = [...(versions.get(name) ?? []), { value, at: at() }];
    versions.set(name, all);
    return all.length;
  }

  function getParameter(name: string): Answer {
    const all = versions.get(name) ?? [];
    const last = all.at(-1);
    if (last === undefined) return refusal('ParameterNotFound', name);
    const parameter = { Name: name, Type: 'SecureString', Value: last.value, Version: all.length, DataType: 'text' };
    const { at: LastModifiedDate } = last;
    return {
      status: 200,
      body: { Parameter: { ...parameter, LastModifiedDate, ARN: arn('ssm', `parameter${name}`) } },
    };
  }

  function putParameter(name: string, request: Readonly<Record<string, unknown>>): Answer {
    const value = String(request.Value);
    if (versions.has(name) && request.Overwrite !== true) return refusal('ParameterAlreadyExists', name);
    if (value.length > LARGEST_PARAMETER) return refusal('ValidationException', 'Standard tier parameters: 4096.');
    return { status: 200, body: { Version: write(name, value), Tier: 'Standard' } };
  }

  function getSecretValue(id: string, request: Readonly<Record<string, unknown>>): Answer {
    const all = versions.get(id) ?? [];
    const isPrevious = request.VersionStage === 'AWSPREVIOUS';
    const found = all.at(isPrevious ? -2 : -1);
    if (found === undefined) return refusal('ResourceNotFoundException', id);
    const known = { ARN: arn('secretsmanager', `secret:${id}`), Name: id };
    const VersionId = versionId(isPrevious ? all.length - 1 : all.length);
    return { status: 200, body: { ...known, SecretString: found.value, VersionId, CreatedDate: found.at } };
  }

  function putSecretValue(id: string, request: Readonly<Record<string, unknown>>): Answer {
    if (!versions.has(id)) return refusal('ResourceNotFoundException', id);
    const VersionId = versionId(write(id, String(request.SecretString)));
    return { status: 200, body: { ARN: arn('secretsmanager', `secret:${id}`), Name: id, VersionId } };
  }

  return {
    handle(action, request) {
      switch (action) {
        case 'GetParameter':
          return getParameter(String(request.Name));
        case 'PutParameter':
          return putParameter(String(request.Name), request);
        case 'GetSecretValue':
          return getSecretValue(String(request.SecretId), request);
        case 'PutSecretValue':
          return putSecretValue(String(request.SecretId), request);
        default:
          return refusal('UnknownOperationException', action);
      }
    },
  };
}

const versionId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const refusal = (__type: string, message: string): Answer => ({ status: 400, body: { __type, message } });
