import * as z from 'zod';
import type { Template } from './template.ts';

const Variables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional() });
const PLACE_OF = /^(?:ssm|secretsmanager):(.+)$/;

/**
 * Texts for the parameter stores, under the names that the template's functions read them by: a setting `WECOM_SECRETS` that is `ssm:/name`
 * there is the parameter `/name` here. Throws where no function has such a setting.
 */
export function storedSettings(template: Template, stored: Readonly<Record<string, string>>): Record<string, string> {
  const declared = template
    .ofType('AWS::Lambda::Function')
    .map(({ properties }) => Variables.parse(properties).Environment?.Variables ?? {});
  return Object.fromEntries(
    Object.entries(stored).map(([setting, text]) => {
      const [name] = declared.flatMap((variables) => PLACE_OF.exec(String(variables[setting]))?.slice(1) ?? []);
      if (name === undefined) throw new Error(`No function reads ${setting} from a store in serverless.yml`);
      return [name, text];
    }),
  );
}
