import { watched } from './alarms.ts';
import { ownDomain } from './domain.ts';
import { ownKey } from './encryption.ts';
import { fixedOutgoingAddresses } from './network.ts';
import { type Place, readStackSettings } from './settings.ts';
import { type Change, changing, type Template } from './template.ts';

/**
 * Makes of the template that serverless.yml describes the one of a place: what depends on the stage's settings and the region.
 *
 * @param raw the settings of `config/<stage>.yml`
 * @throws UnusableStackSettings when they do not make a stack
 */
export function finishTemplate(template: Template, raw: unknown, place: Place, prefix: string): Template {
  const settings = readStackSettings(raw, place);
  const changes: Change[] = [
    changing('AWS::ApiGatewayV2::Stage', ({ DefaultRouteSettings }) => ({
      DefaultRouteSettings: {
        ...Object(DefaultRouteSettings),
        ThrottlingRateLimit: settings.requestsPerSecond,
        ThrottlingBurstLimit: settings.requestBurst,
      },
    })),
    changing('AWS::Lambda::Function', ({ Handler }) =>
      settings.callbackConcurrency > 0 && Handler === 'functions/receive-callback.handler'
        ? { ReservedConcurrentExecutions: settings.callbackConcurrency }
        : {},
    ),
    changing('AWS::IAM::Role', ownLogOnly),
    ...(place.where === 'cloud' && !place.region.startsWith('cn-') ? [traced] : []),
    withVerification(settings.verification),
    ownDomain(settings, place),
    fixedOutgoingAddresses(settings),
    ownKey(settings.ownKey, !settings.leavesNothing),
    watched(settings, place, prefix),
  ];
  return changes.reduce((changed, change) => change(changed), template);
}

/** The names of WeCom's files of proof, for the function that shows them. */
const withVerification = (files: readonly string[]): Change =>
  changing('AWS::Lambda::Function', ({ Environment }) => {
    const { Variables } = Object(Environment);
    if (files.length === 0 || Variables?.VERIFICATION_FILES === undefined) return {};
    return { Environment: { Variables: { ...Variables, VERIFICATION_FILES: files.join(',') } } };
  });

/** The stack makes the log groups. A function that could make its own would leave one behind when the stack is removed. */
function ownLogOnly({ Policies }: Readonly<Record<string, unknown>>): object {
  const policies: readonly { PolicyDocument?: { Statement?: readonly { Action?: unknown }[] } }[] = Array.isArray(
    Policies,
  )
    ? Policies
    : [];
  return {
    Policies: policies.map((policy) => ({
      ...policy,
      PolicyDocument: {
        ...policy.PolicyDocument,
        Statement: (policy.PolicyDocument?.Statement ?? []).map((statement) => ({
          ...statement,
          Action: Array.isArray(statement.Action)
            ? statement.Action.filter((action) => action !== 'logs:CreateLogGroup')
            : statement.Action,
        })),
      },
    })),
  };
}

/** X-Ray takes nothing of a function in China: https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html */
const traced: Change = (template) => {
  const roles = new Set(
    Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => String(Object(Properties?.Role)['Fn::GetAtt']?.[0])),
  );
  const active = changing('AWS::Lambda::Function', () => ({ TracingConfig: { Mode: 'Active' } }));
  const mayTrace = changing('AWS::IAM::Role', ({ Policies }, id) =>
    roles.has(id) ? { Policies: [...Object(Policies), TRACES] } : {},
  );
  return mayTrace(active(template));
};

const TRACES = {
  PolicyName: 'traces',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' }],
  },
};
