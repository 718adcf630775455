/** Run by a Jest of its own, with Waylay and, with DIRECT, without: what is under way when a test ends. */
const http = require('node:http');
const request = require('supertest');

const waylay = process.env.DIRECT ? undefined : require('waylay/jest').useWaylay();
const elsewhere = process.env.ELSEWHERE;

const seen = () => (waylay === undefined ? [] : waylay.exchanges.map(({ request }) => request.url));
const app = http.createServer((_, response) => {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end('{"name":"john"}');
});

describe('what nobody waits for', () => {
  let answer;
  const server = http.createServer((_, response) => {
    answer = () => response.end('late');
  });
  let url;
  let telemetry;
  beforeAll(async () => {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${server.address().port}/telemetry`;
  });
  afterAll(() => server.close());

  test('is sent', async () => {
    telemetry = fetch(url, { method: 'POST', body: 'x' }).then((response) => response.text());
    await new Promise((resolve) => server.once('request', resolve));
  });

  test('is answered later', async () => {
    answer();
    expect(await telemetry).toBe('late');
    expect(seen()).toEqual([]);
  });

  test('may not even be connected', () => {
    fetch(`${elsewhere}/at-once`);
    http.get(`${elsewhere}/at-once`).on('response', (response) => response.resume());
  });

  test('fails as it would', () => {
    fetch('http://127.0.0.1:9/').catch(() => {});
  });
});

describe("supertest's examples", () => {
  test('as in plain Node', () => {
    request(app)
      .get('/user')
      .expect('Content-Type', /json/)
      .expect('Content-Length', '15')
      .expect(200)
      .end((error) => {
        if (error) throw error;
      });
  });

  test('with done', (done) => {
    request(app).get('/user').set('Accept', 'application/json').expect('Content-Type', /json/).expect(200, done);
  });

  test('with end', (done) => {
    request(app)
      .post('/users')
      .send({ name: 'john' })
      .expect(200)
      .end((error) => (error ? done(error) : done()));
  });

  test('with a promise', () => {
    return request(app)
      .get('/users')
      .expect(200)
      .then((response) => {
        expect(response.body.name).toEqual('john');
      });
  });

  test('with await', async () => {
    const response = await request(app).get('/users').set('Accept', 'application/json');
    expect(response.status).toEqual(200);
  });
});

test('the last one', () => {
  fetch(`${elsewhere}/late`).then((response) => response.text());
});
