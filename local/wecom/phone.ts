import { type ContactPhone, contactPhoneOf } from './contact-phone.ts';
import { type Fields, isFields } from './fields.ts';
import { publishEvent, receiveFromCustomer } from './happenings.ts';
import { REPLY_WINDOW, type Session } from './sessions.ts';
import {
  conversationOf,
  existingAccount,
  type Message,
  NotPossible,
  type Profile,
  recordHappening,
  type World,
} from './world.ts';

export interface Entrance {
  /** The scene of the contact way whose link or code was opened. */
  scene?: string;
  /** As it stands in the link. */
  scene_param?: string;
  /** For customers who come from Channels (视频号). */
  wechat_channels?: { nickname?: string; shop_nickname?: string; scene: 1 | 2 | 3 | 4 | 5 };
}

/** A customer's WeChat. What it does is news for the account at once. */
export interface Phone extends ContactPhone {
  /** Opens the chat: `enter_session`, with a welcome code when WeCom's rules give one. */
  enter(openKfId: string, entrance?: Entrance): Promise<void>;
  /** Returns the msgid. */
  write(openKfId: string, text: string): Promise<string>;
  /** Any message type, unknown ones too. A media type without `media_id` gets one that can be fetched. */
  send(openKfId: string, msgtype: string, body: object): Promise<string>;
  /** Chooses an item of the last menu received. @throws NotPossible when there is no such item */
  click(openKfId: string, menuId: string): Promise<string>;
  recall(openKfId: string, msgid: string): Promise<void>;
  /** Wants no more messages (or wants them again): what is sent then fails with fail_type 10. */
  reject(openKfId: string, rejects?: boolean): Promise<void>;
  /** What kf/customer/batchget tells about this person. */
  describe(profile: Partial<Profile>): void;
  /** What the phone shows, oldest first; recalled messages are marked. */
  received(openKfId: string): Message[];
}

export function phoneOf(world: World, customer: string): Phone {
  const conversation = (openKfId: string) => {
    existingAccount(world, openKfId);
    return conversationOf(world, openKfId, customer);
  };
  const send = (openKfId: string, msgtype: string, body: Fields) =>
    receiveFromCustomer(world, conversation(openKfId), msgtype, body);

  return {
    ...contactPhoneOf(world, customer),
    async enter(openKfId, entrance = {}) {
      const entered = conversation(openKfId);
      const now = world.now();
      const context = contextOf(world, entrance);
      const welcome =
        deservesWelcome(world, entered.session) && !existingAccount(world, openKfId).consoleWelcome
          ? { welcome_code: world.codes.issue('welcome', openKfId, customer, now) }
          : {};
      entered.session.lastEnteredAt = now;
      entered.entered = context;
      recordHappening(world, entered, 'entered');
      publishEvent(world, openKfId, 'enter_session', { external_userid: customer, ...context, ...welcome });
    },
    async write(openKfId, text) {
      return send(openKfId, 'text', { content: text });
    },
    async send(openKfId, msgtype, body) {
      return send(openKfId, msgtype, withMedia(world, msgtype, { ...body }));
    },
    async click(openKfId, menuId) {
      const menu = conversation(openKfId).received.findLast((one) => one.msgtype === 'msgmenu' && !one.recalled);
      const content = menu && contentOfItem(menu.body, menuId);
      if (content === undefined) throw new NotPossible(`the last menu has no item ${menuId}`);
      return send(openKfId, 'text', { content, menu_id: menuId });
    },
    async recall(openKfId, msgid) {
      const { transcript } = conversation(openKfId);
      const own = transcript.find((line) => line.msgid === msgid && line.from === 'customer');
      if (own === undefined) throw new NotPossible(`${customer} sent no ${msgid}`);
      recordHappening(world, conversation(openKfId), 'recalled by the customer');
      publishEvent(world, openKfId, 'user_recall_msg', { external_userid: customer, recall_msgid: msgid });
    },
    async reject(openKfId, rejects = true) {
      conversation(openKfId).customerRejects = rejects;
    },
    describe(profile) {
      const known = world.profiles.get(customer) ?? { nickname: customer, avatar: '', gender: 0 };
      world.profiles.set(customer, { ...known, ...profile });
    },
    received: (openKfId) => [...conversation(openKfId).received],
  };
}

function contextOf(world: World, entrance: Entrance): Fields {
  const { scene, scene_param, wechat_channels } = entrance;
  const param =
    scene_param !== undefined && world.switches.sceneParamDecoded ? decodeURIComponent(scene_param) : scene_param;
  return {
    ...(scene !== undefined && { scene }),
    ...(param !== undefined && { scene_param: param }),
    ...(wechat_channels !== undefined && { wechat_channels }),
  };
}

/** No welcome in the past 48 hours, and no message from the customer (WeCom: kf/sync_msg, enter_session). */
function deservesWelcome(world: World, session: Session): boolean {
  const within = (at: number | undefined) => at !== undefined && world.now() - at <= REPLY_WINDOW;
  const wrote =
    world.switches.welcomeAfterWriting === 'never' ? session.lastWroteAt !== undefined : within(session.lastWroteAt);
  return !wrote && !within(session.lastWelcomedAt);
}

const FILES: Readonly<Record<string, Buffer>> = {
  image: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  voice: Buffer.from('#!AMR\n\0\0'),
  video: Buffer.from('\0\0\0\x18ftypmp42'),
  file: Buffer.from('a small file'),
};

function withMedia(world: World, msgtype: string, body: Fields): Fields {
  const bytes = Object.hasOwn(FILES, msgtype) ? FILES[msgtype] : undefined;
  if (bytes === undefined || body.media_id !== undefined) return body;
  return { ...body, media_id: world.media.put(msgtype, `${msgtype}.bin`, bytes, world.now()) };
}

function contentOfItem(menu: Fields, menuId: string): string | undefined {
  const list: unknown = menu.list;
  for (const item of Array.isArray(list) ? list : []) {
    const click: unknown = isFields(item) ? item.click : undefined;
    if (isFields(click) && click.id === menuId && typeof click.content === 'string') return click.content;
  }
  return undefined;
}
