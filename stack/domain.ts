import type { Place, StackSettings } from './settings.ts';
import { attribute, type Change, ref } from './template.ts';

/** WeCom saves a callback address only on a domain of the corp; printed codes need one that a new stack can keep. */
export function ownDomain({ domain }: StackSettings, { region }: Place): Change {
  // HTTP API in China: https://docs.amazonaws.cn/en_us/aws/latest/userguide/api-gateway.html
  const filing = region.startsWith('cn-') ? ' In China it answers only once the account has its ICP filing.' : '';
  return (template) => {
    const callback = template.Outputs.CallbackUrl;
    if (!domain) {
      if (!callback || filing === '') return template;
      const said = { ...callback, Description: `${callback.Description ?? ''}${filing}` };
      return { ...template, Outputs: { ...template.Outputs, CallbackUrl: said } };
    }
    return {
      ...template,
      Resources: {
        ...withAddress(template.Resources, `https://${domain.name}`),
        ApiDomain: {
          Type: 'AWS::ApiGatewayV2::DomainName',
          Properties: {
            DomainName: domain.name,
            DomainNameConfigurations: [
              { CertificateArn: domain.certificate, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
            ],
          },
        },
        ApiDomainMapping: {
          Type: 'AWS::ApiGatewayV2::ApiMapping',
          Properties: { ApiId: ref('HttpApi'), DomainName: ref('ApiDomain'), Stage: ref('HttpApiStage') },
        },
      },
      Outputs: {
        ...template.Outputs,
        CallbackUrl: {
          Description: `Give this address to WeCom, with the name of the app in place of {app}.${filing}`,
          Value: `https://${domain.name}/wecom/callbacks/{app}`,
        },
        ConsoleUrl: {
          Description: `Where supervisors log in with WeCom, where the stage has no consoleAddress of its own.${filing}`,
          Value: `https://${domain.name}/console/v1/login`,
        },
        DomainTarget: {
          Description: `${domain.name} is to be a CNAME record of this name.`,
          Value: attribute('ApiDomain', 'RegionalDomainName'),
        },
      },
    };
  };
}

/** Printed codes lead to the domain, where no other address is said. */
function withAddress(resources: Parameters<Change>[0]['Resources'], address: string): typeof resources {
  return Object.fromEntries(
    Object.entries(resources).map(([id, one]) => {
      const environment = Object(one.Properties?.Environment);
      if (environment.Variables?.CONTACT_ADDRESS !== '') return [id, one];
      const Environment = { Variables: { ...environment.Variables, CONTACT_ADDRESS: address } };
      return [id, { ...one, Properties: { ...one.Properties, Environment } }];
    }),
  );
}
