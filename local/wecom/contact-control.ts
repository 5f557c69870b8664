import type { Asked, Route } from './control.ts';
import { optionalBoolean, optionalText, requiredText } from './fields.ts';

/** How somebody with curl plays customers, members and the administrator of 客户联系. */
export const contactRoutes: readonly Route[] = [
  [
    'POST',
    /^\/_\/customers\/([^/]+)\/scan$/,
    ({ wecom, names: [id = ''], body }) =>
      wecom.phone(id).scan(optionalText(body, 'configId') ?? requiredText(body, 'code')),
  ],
  [
    'POST',
    /^\/_\/customers\/([^/]+)\/open-link$/,
    ({ wecom, names: [id = ''], body }) => wecom.phone(id).openLink(requiredText(body, 'url')),
  ],
  ['POST', /^\/_\/customers\/([^/]+)\/(delete|agree|write-to)$/, actOnMember],
  ['GET', /^\/_\/customers\/([^/]+)\/welcomes$/, ({ wecom, names: [id = ''] }) => wecom.phone(id).welcomes()],
  ['POST', /^\/_\/agents\/([^/]+)\/(accept|add|delete)$/, actOnCustomer],
  ['POST', /^\/_\/agents\/([^/]+)\/leave$/, ({ wecom, names: [userid = ''] }) => wecom.console.removeMember(userid)],
  ['GET', /^\/_\/contact-ways$/, ({ wecom }) => wecom.contacts.ways()],
  ['GET', /^\/_\/friendships$/, ({ wecom }) => wecom.contacts.relations()],
];

async function actOnMember({ wecom, names: [id = '', what], body }: Asked): Promise<object> {
  const phone = wecom.phone(id);
  const userid = requiredText(body, 'userid');
  if (what === 'delete') await phone.deleteMember(userid);
  if (what === 'agree') await phone.agreeToArchive(userid);
  if (what === 'write-to') await phone.writeTo(userid);
  return {};
}

async function actOnCustomer({ wecom, names: [userid = '', what], body }: Asked): Promise<object> {
  const client = wecom.client(userid);
  const customer = requiredText(body, 'customer');
  if (what === 'accept') await client.accept(customer);
  if (what === 'add') await client.addCustomer(customer);
  if (what === 'delete') {
    await client.deleteCustomer(customer, { byTransfer: optionalBoolean(body, 'byTransfer') ?? false });
  }
  return {};
}
