// The implicit types of PyYAML (yaml/resolver.py), which is what Ansible reads with: YAML 1.1, and a float needs its dot.
const boolean = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const truth = /^(?:yes|true|on)$/i;
const nothing = /^(?:~|null|Null|NULL|)$/;
const whole =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const broken =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const time =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/;

interface Plain {
  value: string | number | boolean | null;
  /** How it is written again so that it is read as the same: '' for a text. */
  written: string;
}

/** What a scalar without quotes stands for. `undefined`: a time, which Ansible would write otherwise than it stands there. */
export function plainValue(text: string): Plain | undefined {
  if (nothing.test(text)) return { value: null, written: 'null' };
  if (boolean.test(text)) return { value: truth.test(text), written: String(truth.test(text)) };
  // A number is kept as it is written: 1.10 is not 1.1 to whoever prints it.
  if (whole.test(text) || broken.test(text)) return { value: numberOf(text), written: text };
  return time.test(text) ? undefined : { value: text, written: '' };
}

/** Only for judging: what is printed again is the text. */
function numberOf(text: string): number {
  const digits = text.replaceAll('_', '');
  if (/^[-+]?0[0-7]+$/.test(digits)) return parseInt(digits, 8);
  return Number(digits);
}
