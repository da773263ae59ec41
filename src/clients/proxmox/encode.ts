/** What a parameter of the API can be. `undefined` is left out; booleans go as 1 and 0. */
export type Parameters = { readonly [name: string]: unknown };

/**
 * `/api2/json/nodes/pve1/lxc/200` with every segment encoded, so that no name can reach another path. The path proxy of
 * paths.ts has put %2F for a slash inside a segment. Throws a TypeError where a segment is empty or leads elsewhere.
 */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment, index) => (index === 0 ? segment : encodeSegment(segment.replaceAll('%2F', '/'))))
    .join('/');
}

function encodeSegment(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..')
    throw new TypeError(`"${segment}" is no segment of a path`);
  // A colon is allowed in a path, and task ids are full of them.
  return encodeURIComponent(segment).replaceAll('%3A', ':');
}

/** `application/x-www-form-urlencoded`, for a body or a query. Throws a TypeError for what no parameter can be. */
export function encodeForm(parameters: Parameters): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined) form.append(name, encodeValue(name, one));
    }
  }
  return form.toString();
}

function encodeValue(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  throw new TypeError(`parameter ${name} is neither text, number nor yes or no`);
}
