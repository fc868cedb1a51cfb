import { constantSchedule, cosineSchedule, linearSchedule, type Schedule } from '@ocelli/training';

/** The schedules that settings and configurations know by name. */
export const scheduleNames = ['constant', 'linear', 'cosine'] as const;

/** A schedule by name. @param warmUp steps over which the rate rises from 0, never more than `steps`. */
export function makeSchedule(name: (typeof scheduleNames)[number], steps: number, warmUp: number): Schedule {
  const warmupSteps = Math.min(warmUp, steps);
  switch (name) {
    case 'constant':
      return constantSchedule({ warmupSteps });
    case 'linear':
      return linearSchedule({ steps, warmupSteps });
    case 'cosine':
      return cosineSchedule({ steps, warmupSteps });
  }
}
