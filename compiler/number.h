/*
 * number.h: from one event to one number.
 * In: an event, and what its field allows.
 * Out: the number, or a located problem and false. The event is taken whole in either case.
 */
#ifndef DIMC_NUMBER_H
#define DIMC_NUMBER_H

#include "scalar.h"

/* A whole number from 1 to `max`; `check` is what is reported where it is outside. */
bool number_read_id(struct scalar_reader *r, const struct yaml_event *value, enum check check, uint64_t max,
		    uint64_t *ret);

/* A power of two that a region can be aligned to. */
bool number_read_alignment(struct scalar_reader *r, const struct yaml_event *value, uint32_t *ret);

/* A finite number greater than zero. */
bool number_read_frequency(struct scalar_reader *r, const struct yaml_event *value, double *ret);

/* [low, high], both frequencies, low <= high. */
bool number_read_range(struct scalar_reader *r, const struct yaml_event *value, double *ret_low, double *ret_high);

/* A power of two that a region can be aligned to. */
bool number_is_alignment(uint64_t value);

#endif
