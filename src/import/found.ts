import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Undeclared } from './undeclared.ts';

/** A guest as its file shall declare it. */
export type NewGuest = Omit<DeclaredGuest, 'file' | 'cluster' | 'carries'>;

/** A guest as it is, and what of it a file does not say. */
export interface FoundGuest extends NewGuest {
  /** Its name as it is written in Proxmox VE. */
  called: string;
  /** What the network of the guest can be held against: a card whose address is set inside the guest says nothing of it. */
  addressing: 'static' | 'dhcp' | 'inside';
  /** Where Ansible reaches it; or why that is not known. */
  reached: { address: string } | { why: string };
  undeclared: Undeclared[];
  /** Why Terraform cannot take it in without a change, where that is known before it is asked. */
  unplannable?: string;
}

/** Something that is not declared, by what it is called and why. Neither holds a value of the guest's. */
export interface LeftOut {
  /** `lxc/112 media` */
  guest: string;
  vmid: number;
  type: DeclaredGuest['type'];
  why: string;
}

/** What a cluster has, and what of it could not be declared. */
export interface FoundGuests {
  guests: FoundGuest[];
  leftOut: LeftOut[];
}
