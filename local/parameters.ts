import type { Answer } from './event-bus.ts';
import { arn } from './template.ts';

/** Answers the one call that reads a parameter or a secret, from a list of names and values. */
export function answerParameterCall(
  parameters: Readonly<Record<string, string>>,
  action: string,
  request: Readonly<Record<string, unknown>>,
): Answer {
  if (action === 'GetParameter') {
    const name = String(request.Name);
    const value = parameters[name];
    if (value === undefined) return { status: 400, body: { __type: 'ParameterNotFound', message: name } };
    const parameter = { Name: name, Type: 'SecureString', Value: value, Version: 1, DataType: 'text' };
    return { status: 200, body: { Parameter: { ...parameter, ARN: arn('ssm', `parameter${name}`) } } };
  }
  if (action === 'GetSecretValue') {
    const id = String(request.SecretId);
    const value = parameters[id];
    if (value === undefined) return { status: 400, body: { __type: 'ResourceNotFoundException', message: id } };
    return { status: 200, body: { ARN: arn('secretsmanager', `secret:${id}`), Name: id, SecretString: value } };
  }
  return { status: 400, body: { __type: 'UnknownOperationException', message: action } };
}
