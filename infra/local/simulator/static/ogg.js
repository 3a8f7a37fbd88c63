// Telegram's voice messages are Opus in Ogg; Chromium records Opus in WebM. The sound stays as it is, its box changes.
// WebM: RFC 8794 (EBML) and RFC 9559 (Matroska). Ogg: RFC 3533. Opus in Ogg: RFC 7845.

const MASTERS = new Set([0x18538067, 0x1654ae6b, 0xae, 0x1f43b675, 0xa0]); // segment, tracks, track, cluster, group
const CODEC_PRIVATE = 0x63a2;
const BLOCKS = new Set([0xa3, 0xa1]);
const SERIAL = 0x53414c4f;
const RATE = 48_000;
const PAGE_PACKETS = 16; // a page has room for 255 pieces of 255 bytes, and the largest packet takes 15

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** A number of variable length: its first bit that is set tells how many bytes it takes. */
function variable(bytes, at, keepMarker) {
  const length = Math.clz32(bytes[at]) - 23;
  if (length > 8) throw new Error("not WebM");
  let value = keepMarker ? bytes[at] : bytes[at] & (0xff >> length);
  for (let next = 1; next < length; next += 1) value = value * 256 + bytes[at + next];
  return { value, length };
}

function unpack(bytes) {
  const packets = [];
  let head = null;
  let at = 0;
  while (at < bytes.length) {
    const id = variable(bytes, at, true);
    const size = variable(bytes, at + id.length, false);
    const start = at + id.length + size.length;
    if (MASTERS.has(id.value)) {
      at = start; // what is inside comes next
      continue;
    }
    const content = bytes.subarray(start, start + size.value);
    if (id.value === CODEC_PRIVATE) head = content;
    if (BLOCKS.has(id.value)) packets.push(content.subarray(variable(content, 0, false).length + 3));
    at = start + size.value;
  }
  if (!head || packets.length === 0) throw new Error("no sound in the recording");
  return { head, packets };
}

/** Samples in a packet, from its first bytes (RFC 6716, 3.1). */
function samples(packet) {
  const config = packet[0] >> 3;
  const short = config < 12 ? [10, 20, 40, 60][config & 3] : config < 16 ? [10, 20][config & 1] : [2.5, 5, 10, 20][config & 3];
  const frames = [1, 2, 2, packet[1] & 0x3f][packet[0] & 3];
  return (short * frames * RATE) / 1000;
}

function page(packets, number, granule, flags) {
  const lacing = packets.flatMap((packet) => [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255]);
  const bytes = new Uint8Array(27 + lacing.length + packets.reduce((sum, packet) => sum + packet.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, number, true);
  bytes[26] = lacing.length;
  bytes.set(lacing, 27);
  let at = 27 + lacing.length;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  let check = 0;
  for (const byte of bytes) check = ((check << 8) ^ CRC[((check >>> 24) ^ byte) & 0xff]) >>> 0;
  view.setUint32(22, check, true);
  return bytes;
}

function pack({ head, packets }) {
  const vendor = new TextEncoder().encode("simulator");
  const tags = new Uint8Array(16 + vendor.length);
  tags.set(new TextEncoder().encode("OpusTags"));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  const pages = [page([head], 0, 0, 2), page([tags], 1, 0, 0)];
  let granule = 0;
  for (let start = 0; start < packets.length; start += PAGE_PACKETS) {
    const some = packets.slice(start, start + PAGE_PACKETS);
    granule += some.reduce((sum, packet) => sum + samples(packet), 0);
    pages.push(page(some, pages.length, granule, start + PAGE_PACKETS >= packets.length ? 4 : 0));
  }
  return pages;
}

/** The recording as a real voice message; as it came when it is no WebM. */
export async function asVoice(blob) {
  if (!blob.type.startsWith("audio/webm")) return blob;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return new Blob(pack(unpack(bytes)), { type: "audio/ogg" });
}
