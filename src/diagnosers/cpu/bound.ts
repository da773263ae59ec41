import type { Facts } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import type { Shortage } from './waiting.ts';

/**
 * Short, and its cores do not say how many CPUs it has: a limit of time holds whatever they are, CPUs that are not plugged
 * in stay so, and with several sockets one core more is several CPUs more. A file says cores alone, so a person decides.
 */
export function notByCores(facts: Facts, shortage: Shortage): Conclusion | undefined {
  const settings = facts['guest.cpu.settings']?.value;
  if (settings === undefined) return undefined;
  const { limit, vcpus, sockets } = settings;
  const found: readonly (readonly [string, string])[] = [
    ...(limit === undefined
      ? []
      : [[`cpulimit ${limit}`, 'raise or take away its `cpulimit`: more cores do not lift it'] as const]),
    ...(vcpus === undefined
      ? []
      : [
          [`vcpus ${vcpus}`, 'raise or take away its `vcpus`: no more are plugged in, whatever its cores are'] as const,
        ]),
    ...(sockets === undefined
      ? []
      : [
          [
            `sockets ${sockets}`,
            `give it one socket with all its cores, so that cores say how many CPUs it has`,
          ] as const,
        ]),
  ];
  return {
    outcome: 'report-only',
    rule: limit === undefined ? 'not-by-cores' : 'cpu-limit',
    summary: `${shortage.signs.join(', ')}, and its cores are not what bounds it: ${found.map(([what]) => what).join(', ')}`,
    facts: [...shortage.from, 'guest.cpu.settings', 'guest.size'],
    helps: found.map(([, help]) => help),
  };
}
