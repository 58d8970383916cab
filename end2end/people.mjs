// People and programs that use the server without a browser: the API, one-time codes and the kept mails.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { until } from './server.mjs';

/** The password of every demo account. */
export const PASSWORD = 'velvet rope 2026';
/** The first Super Admin of the demo organisation. */
export const ADMIN = 'asha@demo.eventify.test';
/** Somebody who may see little. */
export const LIMITED = 'ravi@demo.eventify.test';
/** An id that nothing has. */
export const NOBODY = '01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90';

/** A caller of the API. */
export class Caller {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** Signs in by the API. */
  static async signIn(url, email, password = PASSWORD) {
    const answer = await new Caller(url).post('/auth/login', { email, password });
    assert.equal(answer.status, 200, `${email} signs in: ${JSON.stringify(answer.body)}`);
    return new Caller(url, answer.body.tokens.access_token);
  }

  async call(method, path, body) {
    const headers = {};
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    const response = await fetch(`${this.url}/api/v1${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }
  post(path, body) {
    return this.call('POST', path, body ?? {});
  }
  /** Must succeed; answers the body. */
  async ok(method, path, body) {
    const answer = await this.call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  get(path) {
    return this.ok('GET', path);
  }

  /** A staff account by its e-mail. */
  async staff(email) {
    const page = await this.get(`/admin/users?q=${encodeURIComponent(email)}`);
    const found = page.items.find((staff) => staff.email === email);
    assert.ok(found, `${email} is on the team`);
    return found;
  }
  /** A role by its code. */
  async role(code) {
    const found = (await this.get('/admin/roles')).items.find((role) => role.code === code);
    assert.ok(found, `there is a role ${code}`);
    return found;
  }

  /** Somebody new who has accepted the invitation; each test has its own, so that none disturbs another. */
  async newColleague(name, roleCode) {
    const email = newEmail(name);
    const role = await this.role(roleCode);
    const staff = await this.ok('POST', '/admin/users', { email, full_name: name, role_id: role.id });
    const link = await mailedLink(this.url, email, 'invited to');
    const token = new URL(link).searchParams.get('token');
    await this.ok('POST', '/auth/invitation/accept', { token, full_name: name, password: PASSWORD });
    return { email, name, id: staff.id };
  }
}

let people = 0;
/** An e-mail nobody has. */
export function newEmail(name) {
  const word = name.toLowerCase().replace(/[^a-z]+/g, '.');
  return `${word}.${Date.now().toString(36)}${++people}@e2e.eventify.test`;
}

/** The link in the newest mail to `to` whose subject has `subject` in it, from the developers' mailbox. */
export async function mailedLink(url, to, subject) {
  const text = (html) => html.replace(/<[^>]*>/g, ' ').replaceAll('&amp;', '&');
  return until(`a mail to ${to} about “${subject}”`, async () => {
    const list = await fetch(`${url}/dev/mail`).then((answer) => answer.text());
    const items = list.match(/<li>.*?<\/li>/gs) ?? [];
    const item = items.find((li) => text(li).includes(`to ${to}`) && text(li).includes(subject));
    if (!item) return null;
    const mail = await fetch(url + item.match(/href="([^"]+)"/)[1]).then((answer) => answer.text());
    return mail.match(/<pre.*?<a [^>]*href="([^"]+)"/s)?.[1].replaceAll('&amp;', '&');
  });
}

/** The code an authenticator with this seed (base 32) shows; `steps` of 30 s from now. (RFC 6238) */
export function oneTimeCode(secret, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const clean = secret.toUpperCase().replace(/[^A-Z2-7]/g, '');
  const bits = [...clean].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const seed = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
