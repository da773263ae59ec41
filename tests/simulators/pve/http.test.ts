import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const config = '/nodes/pve1/lxc/200/config';

describe('the connection', () => {
  it('is TLS 1.3, by a certificate of the simulator’s own CA with the fingerprint it names', async () => {
    const pve = await pveLab();
    const socket = connect({ host: '127.0.0.1', port: pve.port, ca: pve.caPem });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(socket.getPeerCertificate().fingerprint256).toBe(pve.fingerprint);
    socket.destroy();
  });

  it('is refused to a client that speaks TLS 1.2 at most', async () => {
    const pve = await pveLab();
    const socket = connect({ host: '127.0.0.1', port: pve.port, ca: pve.caPem, maxVersion: 'TLSv1.2' });
    await expect(new Promise((_, reject) => socket.once('error', reject))).rejects.toThrow(/protocol version|ALERT/i);
  });

  it('is not trusted by a client that does not know the CA', async () => {
    const pve = await pveLab();
    await expect(ask({ ...pve, caPem: '' }, 'GET', '/version')).rejects.toThrow(/self-signed|unable to verify/);
  });

  it('has another CA at every start', async () => {
    const [one, other] = [await pveLab(), await pveLab()];
    expect(one.caPem).not.toBe(other.caPem);
  });

  it('is kept after a success and closed after an error', async () => {
    const pve = await pveLab({ offContract: true });
    expect((await ask(pve, 'GET', '/version')).headers.connection).toBe('Keep-Alive');
    expect((await ask(pve, 'GET', '/nothing')).headers.connection).toBe('close');
  });
});

describe('a request', () => {
  it.each([
    ['GET', '/nothing', "Method 'GET /nothing' not implemented"],
    ['POST', '/version', "Method 'POST /version' not implemented"],
    ['POST', '/nodes/pve1/lxc/200/exec', "Method 'POST /nodes/pve1/lxc/200/exec' not implemented"],
  ])('%s %s, which PVE does not have, is 501', async (method, path, message) => {
    const pve = await pveLab({ offContract: true });
    expect(await ask(pve, method, path)).toMatchObject({ status: 501, message, json: { data: null, message } });
  });

  it('with a body on DELETE is 501, and nothing is destroyed', async () => {
    const pve = await pveLab({ offContract: true });
    const raw = { type: 'application/x-www-form-urlencoded', body: 'purge=1' };
    const answer = await ask(pve, 'DELETE', '/nodes/pve1/lxc/200', {}, { raw });
    expect(answer).toMatchObject({ status: 501, message: "Unexpected content for method 'DELETE'" });
    expect(pve.world.guests.has(200)).toBe(true);
  });

  it('with parameters as JSON is the same as with a form', async () => {
    const pve = await pveLab();
    const raw = { type: 'application/json', body: JSON.stringify({ memory: 3072, onboot: true }) };
    expect((await ask(pve, 'PUT', config, {}, { raw })).status).toBe(200);
    expect(pve.world.guests.get(200)!.config).toMatchObject({ memory: 3072, onboot: 1 });
  });

  it('takes parameters of a write from the query as well', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'PUT', `${config}?memory=3072`)).status).toBe(200);
    expect(pve.world.guests.get(200)!.config.memory).toBe(3072);
  });

  it.each([
    ['of another kind', { type: 'text/plain', body: 'memory=3072' }, 506],
    ['of broken JSON', { type: 'application/json', body: '{"memory":' }, 500],
    ['larger than 512 KiB', { type: 'application/json', body: 'x'.repeat(600_000) }, 501],
  ])('with a body %s is refused', async (_title, raw, status) => {
    const pve = await pveLab({ offContract: true });
    expect((await ask(pve, 'PUT', config, {}, { raw })).status).toBe(status);
  });

  it('in chunks is 501', async () => {
    const pve = await pveLab({ offContract: true });
    const raw = { type: 'application/json', body: '' };
    const answer = await ask(pve, 'PUT', config, {}, { raw, headers: { 'Transfer-Encoding': 'chunked' } });
    expect(answer).toMatchObject({ status: 501, message: 'chunked transfer encoding not supported' });
  });

  it('that contradicts its own path is 400', async () => {
    const pve = await pveLab({ offContract: true });
    const answer = await ask(pve, 'PUT', config, { vmid: 201, memory: 3072 });
    expect(answer.json.errors).toEqual({
      vmid: 'duplicate parameter (already defined in URI) with conflicting values!',
    });
  });

  it('for another format or outside the API is refused without JSON', async () => {
    const pve = await pveLab({ offContract: true });
    const elsewhere = { ...pve, endpoint: `${pve.endpoint}/x` };
    expect((await ask(elsewhere, 'GET', '/version')).status).toBe(500);
  });

  it('to a node that nobody knows is 500, to one that is down 595', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/nodes/pve9/lxc')).message).toMatch(/^hostname lookup 'pve9' failed/);
    pve.world.nodes.get('pve1')!.online = false;
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc')).status).toBe(595);
  });

  it('is logged with its parameters and status', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', config, { memory: 3072 });
    expect(pve.requests).toEqual([
      {
        at: pve.now(),
        method: 'PUT',
        path: config,
        parameters: { memory: '3072' },
        token: 'gitmend@pve!write',
        status: 200,
        data: null,
      },
    ]);
  });
});
