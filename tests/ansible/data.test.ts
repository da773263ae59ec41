import { describe, expect, it } from 'vitest';
import { judge, printYaml } from '../../src/ansible/index.ts';
import { playbook, saidOf, treeWith } from './examples.ts';

// Made by `ansible-vault encrypt_string` and `ansible-vault encrypt` of ansible-core 2.14.18 with the password pw.
const inline = `x: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          37363433396535643463313466393539313163663561656339376430396136353963383362623731
          3465306234373461666139313862346534363338633935380a633035623432313734393039383265
          61663264316166393339316339363034333332643466326533353934343531393830306336303662
          6465623733353863620a316165663966363965326438366634336635643733386533376165663662
          39333566353132663138383735613437313236396639653231333663653666663566
`;

function judged(files: { [path: string]: string }, password?: string) {
  const tree = treeWith(files);
  return judge({ tree, before: treeWith({}), playbook }, { collections: [], environment: [] }, password);
}

describe('what is encrypted', () => {
  it('is opened with its password, kept as a secret, and printed in clear for the run alone', () => {
    const { objections, secrets, sealed, data } = judged({ 'group_vars/web.yaml': inline }, 'pw');
    expect([objections, secrets, sealed]).toEqual([[], ['tiefes geheimnis'], []]);
    const value = data.get('ansible/group_vars/web.yaml');
    expect(value === undefined ? '' : printYaml(value)).toBe('---\n{\n "x": "tiefes geheimnis"\n}\n');
  });

  it.each([undefined, 'other'])('stays closed with %s, and is named', (password) => {
    expect(judged({ 'group_vars/web.yaml': inline }, password).sealed).toEqual(['ansible/group_vars/web.yaml:1']);
  });

  it('is named where a letter of it was touched', () => {
    const touched = inline.replace('37363433', '37363434');
    expect(judged({ 'group_vars/web.yaml': touched }, 'pw').sealed).toEqual(['ansible/group_vars/web.yaml:1']);
  });

  it('a file that is encrypted as a whole is named by its path', () => {
    const text = '$ANSIBLE_VAULT;1.1;AES256\n3030\n';
    expect(judged({ 'group_vars/web.yaml': text }, 'pw').sealed).toEqual(['ansible/group_vars/web.yaml']);
  });
});

it('data is printed as it was judged', () => {
  const text = `a: yes
b: "yes"
c: 0644
d: 1.10
e: 1e3
f: 2020-01-01
g: 1:30
h: ~
i: [x, {y: z}]
j: "\\u2028\\x7f"
k: !unsafe "{% raw"
80: port
l: &l { m: 1 }
n: { <<: *l, o: 2 }
`;
  const known = judged({ 'group_vars/web.yaml': text }).data.get('ansible/group_vars/web.yaml');
  expect(known === undefined ? '' : printYaml(known)).toMatchInlineSnapshot(`
    "---
    {
     "a": true,
     "b": "yes",
     "c": 0644,
     "d": 1.10,
     "e": "1e3",
     "f": "2020-01-01",
     "g": !!int "1:30",
     "h": null,
     "i": [
      "x",
      {
       "y": "z"
      }
     ],
     "j": "\\u2028\\u007f",
     "k": !unsafe "{% raw",
     80: "port",
     "l": {
      "m": 1
     },
     "n": {
      "o": 2,
      "m": 1
     }
    }
    "
  `);
});

it('a time of day would be written otherwise than it stands there', () => {
  expect(saidOf({ 'group_vars/web.yaml': 'a: 2001-12-14 21:59:43\n' })).toMatchObject([
    { kind: 'unreadable', next: 'Put it in quotes' },
  ]);
});
