// Names of tiles and entry bundles as resources (C2SP tlog-tiles, APIs).

export const TILE_WIDTH = 256;
const MAX_LEVEL = 63;

/** `width` under 256 is a partial tile. */
export interface TileAddress {
  level: number | 'entries';
  index: number;
  width: number;
}

/** tile/<level>/<index>[.p/<width>], the index in groups of three digits: 1234067 is x001/x234/067. */
export function tilePath({ level, index, width }: TileAddress): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g)!;
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The address, or undefined when it is not exactly what tilePath writes. */
export function parseTilePath(path: string): TileAddress | undefined {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (!match) return undefined;
  const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const address: TileAddress = {
    level,
    index: Number(match[2]!.replace(/[x/]/g, '')),
    width: match[3] === undefined ? TILE_WIDTH : Number(match[3]),
  };
  const valid = (level === 'entries' || level <= MAX_LEVEL) && address.width >= 1 && Number.isSafeInteger(address.index);
  return valid && tilePath(address) === path ? address : undefined;
}
