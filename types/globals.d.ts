/** Every script adds its part to this one global; see the head of each file for what it adds. */
declare var wallboard: Record<string, any>;
