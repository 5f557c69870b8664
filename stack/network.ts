import type { StackSettings } from './settings.ts';
import { attribute, type Change, type CloudResource, type Output, ofType, ref, sub } from './template.ts';

const ZONES = [0, 1] as const;

/**
 * Fixed outgoing addresses: a network with two zones, in each a NAT gateway. The functions that call WeCom go inside, and no
 * others: they start as fast as before, and a network that is down does not keep callbacks from being taken.
 *
 * New addresses are kept when the stack is removed, since WeCom lists them; `outgoingAddresses` gives them to the next one.
 */
export function fixedOutgoingAddresses({ outgoing }: StackSettings): Change {
  return (template) => {
    if (!outgoing) return template;
    const inside = ofType(template, 'AWS::Lambda::Function').filter(([, one]) => callsWeCom(one));
    const roles = inside.map(([, one]) => roleOf(one));
    return {
      ...template,
      Resources: {
        ...template.Resources,
        ...Object.fromEntries(inside.map(([id, one]) => [id, placed(one)])),
        ...Object.fromEntries(roles.flatMap((id) => allowed(id, template.Resources[id]))),
        ...network(),
        ...Object.fromEntries(ZONES.flatMap((zone) => gateway(zone, outgoing[zone]?.allocationId))),
      },
      Outputs: { ...template.Outputs, ...outputs(outgoing) },
    };
  };
}

const callsWeCom = ({ Properties }: CloudResource): boolean =>
  'WECOM_API_URL' in Object(Object(Properties?.Environment).Variables);
const roleOf = ({ Properties }: CloudResource): string => String(Object(Properties?.Role)['Fn::GetAtt']?.[0]);

const placed = (one: CloudResource): CloudResource => ({
  ...one,
  Properties: {
    ...one.Properties,
    VpcConfig: {
      SubnetIds: ZONES.map((zone) => ref(`PrivateSubnet${zone}`)),
      SecurityGroupIds: [ref('OutgoingSecurityGroup')],
    },
  },
});

/** Lambda attaches the function with its role: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
const ATTACH = {
  Effect: 'Allow',
  Action: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  Resource: '*',
};

function allowed(id: string, role: CloudResource | undefined): [string, CloudResource][] {
  if (!role) return [];
  const policies: readonly unknown[] = Object(role.Properties?.Policies);
  const network = { PolicyName: 'network', PolicyDocument: { Version: '2012-10-17', Statement: [ATTACH] } };
  return [[id, { ...role, Properties: { ...role.Properties, Policies: [...policies, network] } }]];
}

function network(): Record<string, CloudResource> {
  return {
    Network: {
      Type: 'AWS::EC2::VPC',
      Properties: { CidrBlock: '10.73.0.0/20', EnableDnsSupport: true, EnableDnsHostnames: true },
    },
    InternetGateway: { Type: 'AWS::EC2::InternetGateway' },
    InternetGatewayAttachment: {
      Type: 'AWS::EC2::VPCGatewayAttachment',
      Properties: { VpcId: ref('Network'), InternetGatewayId: ref('InternetGateway') },
    },
    PublicRoutes: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Network') } },
    PublicRoute: {
      Type: 'AWS::EC2::Route',
      DependsOn: 'InternetGatewayAttachment',
      Properties: {
        RouteTableId: ref('PublicRoutes'),
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: ref('InternetGateway'),
      },
    },
    OutgoingSecurityGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'Functions that call WeCom: HTTPS out, nothing in.',
        VpcId: ref('Network'),
        SecurityGroupEgress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }],
      },
    },
    // What goes to tables and to the bucket costs nothing at the NAT gateways.
    ...Object.fromEntries(
      ['s3', 'dynamodb'].map((service) => [
        service === 's3' ? 'ObjectsEndpoint' : 'TablesEndpoint',
        {
          Type: 'AWS::EC2::VPCEndpoint',
          Properties: {
            VpcId: ref('Network'),
            ServiceName: sub(`com.amazonaws.\${AWS::Region}.${service}`),
            VpcEndpointType: 'Gateway',
            RouteTableIds: ZONES.map((zone) => ref(`PrivateRoutes${zone}`)),
          },
        },
      ]),
    ),
  };
}

/** A zone's two subnets, with its way out. */
function gateway(zone: number, allocationId: string | undefined): [string, CloudResource][] {
  const AvailabilityZone = { 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] };
  const subnet = (CidrBlock: string): CloudResource => ({
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: ref('Network'), AvailabilityZone, CidrBlock },
  });
  const joined = (subnetId: string, routes: string): CloudResource => ({
    Type: 'AWS::EC2::SubnetRouteTableAssociation',
    Properties: { SubnetId: ref(subnetId), RouteTableId: ref(routes) },
  });
  const own: [string, CloudResource][] = [
    [
      `OutgoingAddress${zone}`,
      {
        Type: 'AWS::EC2::EIP',
        DependsOn: 'InternetGatewayAttachment',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { Domain: 'vpc' },
      },
    ],
  ];
  return [
    [`PublicSubnet${zone}`, subnet(`10.73.${zone}.0/24`)],
    [`PrivateSubnet${zone}`, subnet(`10.73.${8 + zone * 4}.0/22`)],
    [`PublicSubnet${zone}Routes`, joined(`PublicSubnet${zone}`, 'PublicRoutes')],
    [`PrivateSubnet${zone}Routes`, joined(`PrivateSubnet${zone}`, `PrivateRoutes${zone}`)],
    ...(allocationId === undefined ? own : []),
    [
      `NatGateway${zone}`,
      {
        Type: 'AWS::EC2::NatGateway',
        DependsOn: 'InternetGatewayAttachment',
        Properties: {
          SubnetId: ref(`PublicSubnet${zone}`),
          AllocationId: allocationId ?? attribute(`OutgoingAddress${zone}`, 'AllocationId'),
        },
      },
    ],
    [`PrivateRoutes${zone}`, { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Network') } }],
    [
      `PrivateRoute${zone}`,
      {
        Type: 'AWS::EC2::Route',
        Properties: {
          RouteTableId: ref(`PrivateRoutes${zone}`),
          DestinationCidrBlock: '0.0.0.0/0',
          NatGatewayId: ref(`NatGateway${zone}`),
        },
      },
    ],
  ];
}

function outputs(outgoing: NonNullable<StackSettings['outgoing']>): Record<string, Output> {
  const given = outgoing.map(({ address }) => address).join(';');
  const keep = ZONES.map((zone) => `"\${OutgoingAddress${zone}.AllocationId} \${OutgoingAddress${zone}}"`);
  const isNew = outgoing.length === 0;
  return {
    OutgoingAddresses: {
      Description: 'Give these to WeCom: the app, trusted IP (企业可信IP).',
      Value: isNew ? sub(ZONES.map((zone) => `\${OutgoingAddress${zone}}`).join(';')) : given,
    },
    ...(isNew && {
      OutgoingAddressesToKeep: {
        Description: 'Write this into the settings of the stage, as outgoingAddresses, and a new stack keeps them.',
        Value: sub(`[${keep.join(', ')}]`),
      },
    }),
  };
}
