/* measures_int.h - what measures.c lends to series.c. */
#ifndef DS_MEASURES_INT_H
#define DS_MEASURES_INT_H

#include "measures.h"

/* x ln(x/m) - (x - m), which is never negative; diff = x - m, given because it is known more exactly than that.
 * Near m it is a series in ((x-m)/(x+m))^2 (Loader 2000, function bd0). */
double ds_measures_deviance(double x, double m, double diff);

#endif
