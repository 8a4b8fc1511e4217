// What the server says and what the phone keeps.

export interface Named {
  id: string;
  name: string;
}

export interface Me {
  /** Whose scans wait is kept apart by this. */
  owner: string;
  login: string;
  name: string;
  unit: Named | null;
  language: Language;
}

export type Language = "zh" | "en";

/** A sheet that may be counted. */
export interface Waiting {
  campaign: string;
  campaign_name: string;
  blind: boolean;
  to: string;
  unit: Named;
  own: boolean;
  version: number;
  expected?: number;
  seen?: number;
}

export interface Place {
  id: string;
  code: string;
  name: string;
  unit: Named;
  labels: string[];
}

export interface Ground {
  campaign_name: string;
  blind: boolean;
  state: string;
  unit: Named;
  places: Place[];
  other_places: string[];
  people: Named[];
}

/** A thing as the book has it. */
export interface Thing {
  item: string;
  number: string;
  name: string;
  specification?: string;
  place?: Named;
  keeper?: Named;
  quantity: number;
  state: string;
  excused_by?: string;
  expected: boolean;
  labels: string[];
  old_labels?: string[];
}

/** A scan as the sheet's phones are told of it, and as this phone keeps its own. */
export interface Seen {
  id: string;
  code: string;
  item?: string;
  place?: string;
  quantity: number;
  condition: Condition;
  counter: string;
  mine: boolean;
  at: string;
  negates?: string;
  spent?: boolean;
  identified_by?: string;
  keeper?: string;
  note?: string;
  no_label?: boolean;
  /** Of what the book does not know. */
  name?: string;
  serial_number?: string;
  /** Made on this phone and not yet confirmed by the server. */
  unsent?: boolean;
}

export type Condition = "good" | "damaged";

/** A scan as it is sent. */
export interface ScanBody {
  id: string;
  code: string;
  place?: string;
  keeper?: string;
  quantity: number;
  condition: Condition;
  no_label?: boolean;
  name?: string;
  serial_number?: string;
  note: string;
  device: string;
  device_at: string;
}

export interface GivenUp {
  id: string;
  code: string;
  place?: string;
  device_at: string;
  reason: string;
}

/** What waits to be sent: in the order made, each under whoever made it. */
export type Row = {
  /** The order made; given by the store. */
  n?: number;
  id: string;
  owner: string;
  owner_name: string;
  campaign: string;
  unit: string;
  made_at: string;
  /** Why it was refused; what is refused waits for its maker's decision. */
  failed?: { code: string; reason: string; at: string };
} & ({ kind: "scan"; body: ScanBody } | { kind: "undo"; target: string } | { kind: "photo"; target: string; code: string } | { kind: "give_up"; device: string; scans: GivenUp[] });

/** A photo of a scan on this phone: its content until the server has it, then only that it was taken. */
export interface Photo {
  id: string;
  key: string;
  scan: string;
  content?: ArrayBuffer;
}

/** A sheet on this phone. */
export interface Kept {
  key: string;
  owner: string;
  waiting: Waiting;
  ground: Ground;
  /** When the book was taken; never for a blind count. */
  book_at: string | null;
  /** The last number of a scan that was heard of. */
  cursor: number;
  recounts: number;
  place: string | null;
  opened_at: string;
}

/** A thing read before it was known where: kept until its place is told. */
export interface Held {
  id: string;
  key: string;
  code: string;
  at: string;
}

export const sheetKey = (owner: string, campaign: string, unit: string): string => `${owner}|${campaign}|${unit}`;
