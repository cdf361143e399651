#ifndef CK_FUNCTIONS_H
#define CK_FUNCTIONS_H

// Elementary functions without branches, so that loops over them become vector code. The polynomials are minimax fits
// of the relative error (Lawson's reweighting of least squares on Chebyshev nodes); the comments give the fitted
// expression and interval. Tests compare each with the double-precision functions over its range.

#include "vectors.h"
#include <math.h>
#include <string.h>

CK_INLINE float ck_float(uint32_t bits) { float f; memcpy(&f, &bits, 4); return f; }
CK_INLINE uint32_t ck_bits(float f) { uint32_t bits; memcpy(&bits, &f, 4); return bits; }
CK_INLINE float ck_abs(float x) { return ck_float(ck_bits(x) & 0x7fffffffu); }
CK_INLINE float ck_copysign(float x, float sign) {
  return ck_float((ck_bits(x) & 0x7fffffffu) | (ck_bits(sign) & 0x80000000u));
}

/// Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
#define CK_ROUNDER 12582912.0f

/// e^r = 1 + r + r^2 P(r) for |r| <= ln 2 / 2.
CK_INLINE float ck_exp_near_zero(float r) {
  float p = 1.395062893e-03f;
  p = p * r + 8.368969895e-03f;
  p = p * r + 4.166620225e-02f;
  p = p * r + 1.666651815e-01f;
  p = p * r + 0.5f;
  return 1.0f + (r + r * r * p);
}

/// e^x: x = n ln 2 + r.
CK_INLINE float ck_exp(float x) {
  x = x > 90.0f ? 90.0f : x;
  x = x < -105.0f ? -105.0f : x;
  float shifted = x * 1.44269504f + CK_ROUNDER;
  float n = shifted - CK_ROUNDER;
  float r = x - n * 0x1.62ep-1f;
  r = r - n * 0x1.0bep-15f;
  r = r - n * 0x1.be8p-27f;
  float y = ck_exp_near_zero(r);
  // Two factors, so that neither under- nor overflows before the product does.
  int32_t k = (int32_t)(ck_bits(shifted) - ck_bits(CK_ROUNDER));
  int32_t half = k >> 1;
  return y * ck_float((uint32_t)(half + 127) << 23) * ck_float((uint32_t)(k - half + 127) << 23);
}

/// The same for |x| <= 80, where one factor will do.
CK_INLINE float ck_exp_moderate(float x) {
  float shifted = x * 1.44269504f + CK_ROUNDER;
  float n = shifted - CK_ROUNDER;
  float r = x - n * 0x1.62ep-1f;
  r = r - n * 0x1.0bfbe8p-15f;
  return ck_exp_near_zero(r) * ck_float((ck_bits(shifted) << 23) + 0x3f800000u);
}

/// ln x: x = 2^n (1 + f) with 1 + f in [sqrt 1/2, sqrt 2), ln(1 + f) = f - f^2 / 2 + f^3 P(f).
CK_INLINE float ck_log(float x) {
  float scaled = x < 0x1p-126f ? x * 0x1p23f : x;
  float bias = x < 0x1p-126f ? -23.0f : 0.0f;
  uint32_t shifted = ck_bits(scaled) - 0x3f3504f3u;
  float n = (float)((int32_t)shifted >> 23) + bias;
  float f = ck_float((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  float p = 6.746675074e-02f;
  p = p * f - 1.167576909e-01f;
  p = p * f + 1.188821197e-01f;
  p = p * f - 1.240557432e-01f;
  p = p * f + 1.421954334e-01f;
  p = p * f - 1.666799635e-01f;
  p = p * f + 2.000211924e-01f;
  p = p * f - 2.500000894e-01f;
  p = p * f + 3.333331347e-01f;
  float f2 = f * f;
  float small = f * f2 * p + n * 0x1.0bfbe8p-15f;
  float y = (small - 0.5f * f2 + f) + n * 0x1.62ep-1f;
  y = x == INFINITY ? x : y;
  y = x == 0.0f ? -INFINITY : y;
  return x < 0.0f || x != x ? NAN : y;
}

/// ln(1 + x) for x >= 0: the rounding error of 1 + x is divided out again.
CK_INLINE float ck_log1p_positive(float x) {
  float u = 1.0f + x;
  float y = ck_log(u) * (x / (u - 1.0f));
  return u == 1.0f ? x : (u == INFINITY ? u : y);
}

/// Up to 0.65 an odd polynomial, x + x^3 P(x^2); beyond it 1 - 2 / (e^2x + 1), which is 1 from 9.1 on.
CK_INLINE float ck_tanh(float x) {
  float a = ck_abs(x), s = x * x;
  float p = 2.064662054e-03f;
  p = p * s - 8.091964759e-03f;
  p = p * s + 2.166634426e-02f;
  p = p * s - 5.394056439e-02f;
  p = p * s + 1.333315820e-01f;
  p = p * s - 3.333332837e-01f;
  float small = x + x * s * p;
  float bounded = a > 20.0f ? 20.0f : a;
  float large = ck_copysign(1.0f - 2.0f / (ck_exp_moderate(2.0f * bounded) + 1.0f), x);
  return a < 0.65f ? small : (x != x ? x : large);
}

/// 1 / (1 + e^-x), with the exponential of a negative number only, which keeps tiny results exact.
CK_INLINE float ck_sigmoid(float x) {
  float e = ck_exp(-ck_abs(x));
  float y = (x >= 0.0f ? 1.0f : e) / (1.0f + e);
  return x != x ? x : y;
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|).
CK_INLINE float ck_softplus(float x) {
  float y = (x > 0.0f ? x : 0.0f) + ck_log1p_positive(ck_exp(-ck_abs(x)));
  return x != x ? x : y;
}

/// Up to 0.93, x + x Q(x^2); beyond it 1 - e^(-x R(x)), which is 1 from 3.95 on.
CK_INLINE float ck_erf(float x) {
  float a = ck_abs(x), s = x * x;
  float q = 8.327486285e-05f;
  q = q * s - 8.133215015e-04f;
  q = q * s + 5.200260784e-03f;
  q = q * s - 2.685911953e-02f;
  q = q * s + 1.128369123e-01f;
  q = q * s - 3.761263490e-01f;
  q = q * s + 1.283791661e-01f;
  float small = x + x * q;
  float t = a > 3.95f ? 3.95f : a;
  float r = -2.259039093e-06f;
  r = r * t + 3.606612881e-05f;
  r = r * t - 2.288214455e-04f;
  r = r * t + 5.524621811e-04f;
  r = r * t + 1.722162240e-03f;
  r = r * t - 2.115765028e-02f;
  r = r * t + 1.040987894e-01f;
  r = r * t + 6.361249685e-01f;
  r = r * t + 1.128459811e+00f;
  float large = ck_copysign(1.0f - ck_exp_moderate(-t * r), x);
  return a < 0.93f ? small : (x != x ? x : large);
}

/// Beyond this the reduction by quarter turns below loses digits, and the C library's function is called instead.
#define CK_TRIGONOMETRIC_LIMIT 8192.0f

/// sin(x + shift quarter turns), |x| <= CK_TRIGONOMETRIC_LIMIT: x = n pi/2 + r, then the polynomial of the quadrant.
CK_INLINE float ck_sine_of_quadrant(float x, uint32_t shift) {
  float shifted = x * 0.636619772f + CK_ROUNDER;
  float n = shifted - CK_ROUNDER;
  float r = x - n * 0x1.92p+0f;
  r = r - n * 0x1.fb4p-12f;
  r = r - n * 0x1.444p-24f;
  r = r - n * 0x1.68c234p-39f;
  uint32_t quadrant = ck_bits(shifted) + shift;
  float s = r * r;
  float p = 2.718290489e-06f;
  p = p * s - 1.983933325e-04f;
  p = p * s + 8.333329111e-03f;
  p = p * s - 1.666666716e-01f;
  float sine = r + r * s * p;
  float q = 2.443824451e-05f;
  q = q * s - 1.388736535e-03f;
  q = q * s + 4.166664556e-02f;
  float cosine = 1.0f - 0.5f * s + s * s * q;
  float y = quadrant & 1 ? cosine : sine;
  return ck_float(ck_bits(y) ^ ((quadrant & 2) << 30));
}

#endif
