"""plots.py: drawings for the page, as inline SVG: bars beside their names and values, and lines on logarithmic axes.

In: names and values. Out: HTML. Bars stretch with the page, their texts do not: so they are read on a telephone, too.
"""
import html
import math
import re

MARKS = ("circle", "square", "triangle", "cross")


def escape(text):
    return html.escape(str(text), quote=True)


class Scale:
    """From a value to 0..100. Logarithmic where one bar would hide the others."""

    def __init__(self, values, logarithmic=None):
        low, high = min(values), max(values)
        self.logarithmic = high / low > 25 if logarithmic is None else logarithmic
        if self.logarithmic:
            self.low, self.high = math.log10(low / 1.6), math.log10(high * 1.15)
        else:
            self.low, self.high = 0, high * 1.04

    def at(self, value):
        value = math.log10(value) if self.logarithmic else value
        return 100 * (value - self.low) / (self.high - self.low)

    def ticks(self):
        """At most six round values."""
        if self.logarithmic:
            steps = (1, 2, 5) if self.high - self.low < 1.7 else (1,)
            values = [step * 10 ** power for power in range(math.floor(self.low), math.ceil(self.high) + 1) for step in steps]
            return [value for value in values if self.low < math.log10(value) <= self.high]
        step = 10 ** math.floor(math.log10(self.high))
        for factor in (0.5, 1, 2, 5):
            if self.high / (step * factor) <= 4:
                step *= factor
                break
        return [step * i for i in range(int(self.high / step) + 1)]


def rounded(text):
    """1.00 s as 1 s: for ticks, which are round."""
    return re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text).replace(". ", " ").replace(".\u00d7", "\u00d7")


def bars(rows, say, marks=(), style=""):
    """rows: (name, value, least, most, note, kind); say: a value as text; marks: values with a line across all rows."""
    scale = Scale([row[1] for row in rows] + list(marks))
    ticks = [(scale.at(value), rounded(say(value))) for value in scale.ticks()]
    lines = "".join('<path class="tick" d="M%.2f 0V10"/>' % at for at, _ in ticks)
    lines += "".join('<path class="mark" d="M%.2f 0V10"/>' % scale.at(value) for value in marks)
    parts = ['<ul class="bars %s">' % style]
    for name, value, least, most, note, kind in rows:
        spread = ""
        if least is not None and most > least:
            spread = '<path class="spread" d="M%.2f 5H%.2f"/>' % (max(0, scale.at(least)), min(100, scale.at(most)))
        parts.append(
            '<li class="%s"><span class="name">%s</span>'
            '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">%s<rect y="2" height="6" width="%.2f"/>%s</svg>'
            '<span class="value">%s</span> <span class="note">%s</span></li>' % (
                kind, escape(name), lines, max(0.3, scale.at(value)), spread, escape(say(value)), escape(note)))
    shown = "".join('<i style="left:%.2f%%">%s</i>' % (at, escape(text)) if at > 0 else "<i>0</i>" for at, text in ticks)
    parts.append('<li class="axis" aria-hidden="true"><span class="name">%s</span><span class="ticks">%s</span></li></ul>' % (
        "logarithmic" if scale.logarithmic else "", shown))
    return "".join(parts)


def marker(kind, x, y):
    shapes = {"circle": "M%.1f %.1fm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "square": "M%.1f %.1fm-4-4h8v8h-8z",
              "triangle": "M%.1f %.1fm0-5l5 9h-10z", "cross": "M%.1f %.1fm-4-4l8 8m0-8l-8 8"}
    return '<path class="point" d="%s"/>' % (shapes[kind] % (x, y))


def lines(title, series, say_x, say_y, x_name):
    """series: (name, kind, [(x, y, label)]), drawn on two logarithmic axes; points of one series are joined."""
    left, right, top, bottom, width, height = 52, 14, 12, 40, 360, 270
    points = [point for _, _, those in series for point in those]
    x_scale, y_scale = (Scale([p[i] for p in points], True) for i in (0, 1))

    def place(x, y):
        return (left + (width - left - right) * x_scale.at(x) / 100,
                height - bottom - (height - top - bottom) * y_scale.at(y) / 100)

    parts = ['<svg class="lines" viewBox="0 0 %d %d" role="img" aria-label="%s">' % (width, height, escape(title))]
    for value in [v for v in y_scale.ticks() if math.log10(v) % 1 == 0 or y_scale.high - y_scale.low < 1.7]:
        y = place(points[0][0], value)[1]
        parts.append('<path class="grid" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%s</text>' % (
            left, y, width - right, left - 6, y + 4, escape(rounded(say_y(value)))))
    for value in x_scale.ticks():
        x = place(value, points[0][1])[0]
        parts.append('<path class="grid" d="M%.1f %dV%d"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (
            x, top, height - bottom, x, height - bottom + 16, escape(rounded(say_x(value)))))
    parts.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (width - right, height - 6, escape(x_name)))
    for number, (name, kind, those) in enumerate(series):
        places = [place(x, y) for x, y, _ in those]
        parts.append('<g class="%s"><path class="line" d="M%s"/>' % (kind, "L".join("%.1f %.1f" % p for p in places)))
        for (x, y), (_, value, label) in zip(places, those):
            parts.append("<g><title>%s, %s: %s</title>%s</g>" % (
                escape(name), escape(label), escape(say_y(value)), marker(MARKS[number % 4], x, y)))
        parts.append("</g>")
    parts.append("</svg>")
    legend = "".join('<li class="%s"><svg viewBox="0 0 12 12" aria-hidden="true">%s</svg>%s</li>' % (
        kind, marker(MARKS[number % 4], 6, 6), escape(name)) for number, (name, kind, _) in enumerate(series))
    return '<figure><figcaption>%s</figcaption>%s<ul class="legend">%s</ul></figure>' % (escape(title), "".join(parts), legend)
