/** A CloudFormation template, as far as this folder changes it. */
export interface Template {
  readonly Resources: Readonly<Record<string, CloudResource>>;
  readonly Outputs: Readonly<Record<string, Output>>;
}

export interface CloudResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Output {
  readonly Description?: string;
  readonly Value: unknown;
}

/** What a part adds to the template. */
export interface Part {
  readonly Resources: Readonly<Record<string, CloudResource>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
}

/** A change of a template; the template that it is given stays as it is. */
export type Change = (template: Template) => Template;

export const adding =
  (part: Part): Change =>
  (template) => ({
    ...template,
    Resources: { ...template.Resources, ...part.Resources },
    Outputs: { ...template.Outputs, ...part.Outputs },
  });

/** Changes the properties of every resource of a type. */
export const changing =
  (type: string, change: (properties: Readonly<Record<string, unknown>>, id: string) => object): Change =>
  (template) => ({
    ...template,
    Resources: Object.fromEntries(
      Object.entries(template.Resources).map(([id, one]) => [
        id,
        one.Type === type ? { ...one, Properties: { ...one.Properties, ...change(one.Properties ?? {}, id) } } : one,
      ]),
    ),
  });

export const ofType = (template: Template, type: string): [string, CloudResource][] =>
  Object.entries(template.Resources).filter(([, one]) => one.Type === type);

export const ref = (id: string) => ({ Ref: id });
export const attribute = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });
export const sub = (text: string) => ({ 'Fn::Sub': text });

/** `work-waits-signals` as a logical id: `WorkWaitsSignals`. */
export const logicalId = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
