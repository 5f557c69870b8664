import type { Kind } from './markers.ts';

/** Elements of callbacks by what they are. Every other element holds what people wrote. https://developer.work.weixin.qq.com/document/path/92130 */
const KINDS: Readonly<Record<string, Kind>> = {
  ...ofKind('id', [
    ...[
      'UserID',
      'NewUserID',
      'OldUserId',
      'OpenUserID',
      'ExternalUserID',
      'ChatId',
      'Id',
      'TagId',
      'StrategyId',
      'LinkId',
    ],
    ...['Department', 'MainDepartment', 'ParentId', 'MemChangeList', 'LastMemVer', 'CurMemVer'],
    ...[
      'AddUserItems',
      'DelUserItems',
      'AddPartyItems',
      'DelPartyItems',
      'OpenKfId',
      'AuthAddOpenKfId',
      'AuthDelOpenKfId',
    ],
  ]),
  ...ofKind('pullToken', ['Token']),
  ...ofKind('replyCode', ['WelcomeCode', 'ResponseCode']),
  ...ofKind('channel', ['State']),
  ...ofKind('word', [
    ...['ChangeType', 'Source', 'FailReason', 'UpdateDetail', 'JoinScene', 'QuitScene', 'MemChangeCnt'],
    ...['TagType', 'ExpireTime', 'ExpireQuotaNum', 'Status'],
  ]),
};

function ofKind(kind: Kind, names: readonly string[]): Readonly<Record<string, Kind>> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

export const kindOfElement = (name: string): Kind => KINDS[name] ?? 'said';

/** What stands in every event beside its own elements. `FromUserName` is `sys`, or who did it. */
const ENVELOPE = ['ToUserName', 'AgentID', 'MsgId'];

const RELATION = ['UserID', 'ExternalUserID'];
const PERSON = [
  ...[
    'UserID',
    'NewUserID',
    'Name',
    'Department',
    'MainDepartment',
    'IsLeaderInDept',
    'DirectLeader',
    'Position',
    'Mobile',
  ],
  ...['Gender', 'Email', 'BizMail', 'Status', 'Avatar', 'Alias', 'Telephone', 'Address', 'OpenUserID'],
];

/** Every event that WeCom's pages know, with the elements that they give it: `Event` or `Event/ChangeType`. */
export const EVENTS: Readonly<Record<string, readonly string[]>> = {
  'change_external_contact/add_external_contact': [...RELATION, 'State', 'WelcomeCode', 'LinkId'],
  'change_external_contact/add_half_external_contact': [...RELATION, 'State', 'WelcomeCode'],
  'change_external_contact/edit_external_contact': [...RELATION, 'Remark', 'Description'],
  'change_external_contact/del_external_contact': [...RELATION, 'Source'],
  'change_external_contact/del_follow_user': RELATION,
  'change_external_contact/transfer_fail': [...RELATION, 'FailReason'],
  'change_external_contact/msg_audit_approved': [...RELATION, 'WelcomeCode'],
  'change_external_contact/of_tomorrow': [...RELATION, 'Remark', 'State'],
  'change_external_chat/create': ['ChatId', 'Name'],
  'change_external_chat/update': [
    ...[
      'ChatId',
      'UpdateDetail',
      'JoinScene',
      'QuitScene',
      'MemChangeCnt',
      'LastMemVer',
      'CurMemVer',
      'Name',
      'Notice',
    ],
  ],
  'change_external_chat/dismiss': ['ChatId'],
  'change_external_tag/create': ['Id', 'TagType', 'StrategyId', 'Name'],
  'change_external_tag/shuffle': ['Id', 'StrategyId'],
  'customer_acquisition/balance_low': [],
  'customer_acquisition/quota_expire_soon': ['ExpireTime', 'ExpireQuotaNum'],
  'customer_acquisition/link_unavailable': ['LinkId'],
  'customer_acquisition/delete_link': ['LinkId'],
  'customer_acquisition/open_profile': ['LinkId', 'State'],
  'customer_acquisition/friend_request': ['LinkId', 'State'],
  'customer_acquisition/customer_start_chat': [...RELATION, 'LinkId', 'State'],
  'customer_acquisition/message_from_customer': ['LinkId', 'State', 'ChatKey'],
  'customer_acquisition/del_follow_user': [...RELATION, 'LinkId', 'State'],
  'change_contact/create_user': PERSON,
  'change_contact/update_user': PERSON,
  'change_contact/delete_user': ['UserID', 'Name'],
  'change_contact/create_party': ['Id', 'Name', 'ParentId', 'Order'],
  'change_contact/update_tag': ['TagId', 'AddUserItems', 'DelUserItems', 'AddPartyItems', 'DelPartyItems', 'TagName'],
  kf_account_auth_change: ['AuthAddOpenKfId', 'AuthDelOpenKfId'],
  template_card_event: ['EventKey', 'TaskId', 'CardType', 'ResponseCode', 'QuestionKey', 'OptionId'],
  template_card_menu_event: ['EventKey', 'TaskId', 'CardType', 'ResponseCode'],
  unsubscribe: ['EventKey'],
  subscribe: ['EventKey'],
  enter_agent: ['EventKey'],
  LOCATION: ['Latitude', 'Longitude', 'Precision', 'AppType'],
  click: ['EventKey'],
  view: ['EventKey'],
  scancode_push: ['EventKey', 'ScanType', 'ScanResult'],
  location_select: ['EventKey', 'Location_X', 'Location_Y', 'Label', 'Poiname'],
  batch_job_result: ['JobId', 'JobType', 'ErrCode', 'ErrMsg'],
  open_approval_change: ['ThirdNo', 'OpenSpName', 'ApplyUserName', 'ItemSpeech'],
  of_tomorrow: ['Anything', 'Name', 'Remark'],
};

/** What members write to the app (`MsgType`), which is none of our business. */
export const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  text: ['Content'],
  image: ['PicUrl', 'MediaId'],
  location: ['Location_X', 'Location_Y', 'Label'],
  link: ['Title', 'Description', 'Url'],
  of_tomorrow: ['Anything'],
};

const cdata = (text: string): string => `<![CDATA[${text}]]>`;
const element = (name: string, inside: string): string => `<${name}>${inside}</${name}>`;

/** The event's XML with a marker in every element, one of them deep inside an element that nobody knows. */
export function eventXml(name: string, seconds: number, mark: (field: string, kind: Kind) => string): string {
  const [event = '', changeType] = name.split('/');
  const marked = (one: string) => element(one, cdata(mark(`${name} ${one}`, kindOfElement(one))));
  const whoDid = event === 'unsubscribe' || event === 'template_card_event' ? 'id' : 'said';
  return element(
    'xml',
    [
      ...ENVELOPE.map(marked),
      element('FromUserName', cdata(mark(`${name} FromUserName`, whoDid))),
      element('CreateTime', String(seconds)),
      element('MsgType', 'event'),
      element('Event', cdata(event)),
      ...(changeType === undefined ? [] : [element('ChangeType', cdata(changeType))]),
      ...(EVENTS[name] ?? []).map(marked),
      element('OfTomorrow', element('Item', `${marked('Name')}${marked('Value')}`)),
    ].join(''),
  );
}

/** The same of a message that a member writes to the app. */
export function messageXml(type: string, seconds: number, mark: (field: string, kind: Kind) => string): string {
  const elements = ['FromUserName', ...ENVELOPE, ...(MESSAGES[type] ?? [])];
  return element(
    'xml',
    [
      element('CreateTime', String(seconds)),
      element('MsgType', cdata(type)),
      ...elements.map((one) => element(one, cdata(mark(`message ${type} ${one}`, 'said')))),
    ].join(''),
  );
}
