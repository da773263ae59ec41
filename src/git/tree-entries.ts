/** One line of a tree. */
export interface Entry {
  /** As git writes it, octal: `100644`, `40000`. */
  mode: string;
  /** Its bytes, each as one character (latin1): a name need not be UTF-8, and is written back as it was. */
  name: string;
  id: string;
}

/** `<mode> <name>\0<id>`, one behind the other; `width` is that of an id in bytes. */
export function entriesOf(bytes: Buffer, width: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length;) {
    const [space, end] = [bytes.indexOf(32, at), bytes.indexOf(0, at)];
    const id = bytes.toString('hex', end + 1, end + 1 + width);
    entries.push({ mode: bytes.toString('latin1', at, space), name: bytes.toString('latin1', space + 1, end), id });
    at = end + 1 + width;
  }
  return entries;
}

/** The tree of these entries, in git's order: by bytes, a folder as if its name ended with `/`. */
export function printEntries(entries: readonly Entry[]): Buffer {
  const place = ({ mode, name }: Entry): string => (mode === '40000' ? `${name}/` : name);
  const sorted = entries.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')]),
  );
}

/** A name as text. */
export function nameText({ name }: Entry): string {
  return Buffer.from(name, 'latin1').toString();
}
