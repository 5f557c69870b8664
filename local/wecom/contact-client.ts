import { acceptCustomer, addByMember, endRelation } from './contact-adding.ts';
import type { Relation } from './contact-book.ts';
import { tellContactChange } from './contact-happenings.ts';
import { relationOf } from './contact-relations.ts';
import { type Member, memberOf } from './corp.ts';
import { NotPossible, type World } from './world.ts';

/** What a member does with customers in WeCom's own client. */
export interface ContactClient {
  /** Accepts a request, or adds back a half friend: `add_external_contact`. */
  accept(customer: string): Promise<void>;
  /** Adds a customer by himself: `add_external_contact` without a `State`. */
  addCustomer(customer: string): Promise<void>;
  /** `del_external_contact`; with `byTransfer` it is WeCom that deletes, since a colleague took over. */
  deleteCustomer(customer: string, how?: { byTransfer?: boolean }): Promise<void>;
  /** Changes the remark by hand: `edit_external_contact`. */
  editCustomer(customer: string, remark: string): Promise<void>;
  /** The customer does not come over to this member: `transfer_fail`. */
  failTransfer(customer: string, reason: 'customer_refused' | 'customer_limit_exceed'): Promise<void>;
}

export function contactClientOf(world: World, me: string): ContactClient {
  const myself = (): Member => {
    const member = memberOf(world.corp, me);
    if (member === undefined || !member.activated || member.disabled) throw new NotPossible(`${me} cannot sign in`);
    return member;
  };
  const mine = (customer: string): Relation => {
    const relation = relationOf(world, me, customer);
    if (relation === undefined || relation.stage === 'over')
      throw new NotPossible(`${customer} is no contact of ${me}`);
    return relation;
  };
  const tell = (changeType: string, customer: string, more: Readonly<Record<string, string>> = {}) => {
    tellContactChange(world, changeType, me, { UserID: me, ExternalUserID: customer, ...more });
  };

  return {
    async accept(customer) {
      myself();
      acceptCustomer(world, mine(customer));
    },
    async addCustomer(customer) {
      addByMember(world, myself(), customer);
    },
    async deleteCustomer(customer, how = {}) {
      endRelation(mine(customer));
      tell('del_external_contact', customer, how.byTransfer === true ? { Source: 'DELETE_BY_TRANSFER' } : {});
    },
    async editCustomer(customer, remark) {
      myself();
      mine(customer).remark = remark;
      tell('edit_external_contact', customer);
    },
    async failTransfer(customer, reason) {
      tell('transfer_fail', customer, { FailReason: reason });
    },
  };
}
