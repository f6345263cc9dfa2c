"""Each picture of the gallery twice: as it is drawn, and in the colours for black paper for readers in the dark."""

from matplotlib import collections, colors, image, lines, patches, pyplot, text
from sphinx_gallery.scrapers import figure_rst

from spikesim.plot.palette import COLOURS, ON_BLACK, legible

PAPER, INK = "#121212", "#E6E6E6"  # (the paper of the theme)
KNOWN = {light.lower(): dark for light, dark in zip(COLOURS, ON_BLACK)}


def pictures(block, variables, conf):
    """Return the page's text for the figures of a block: each for light and for dark (a scraper of sphinx-gallery)."""
    found = ""
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        light = next(variables["image_path_iterator"])
        dark = light[: -len(".png")] + "_dark.png"
        titles = [ax.get_title(side) for ax in figure.axes for side in ("left", "center", "right")]
        said = (
            ", ".join(filter(None, [figure.get_suptitle(), *titles]))
            or variables["example_globals"]["__doc__"].split("\n")[0]
        )
        figure.savefig(light)
        darken(figure)
        figure.savefig(dark, facecolor=PAPER)
        for kind, path in (("only-light", light), ("only-dark", dark)):
            page = figure_rst([path], conf["src_dir"], said)
            found += page.replace(":class: ", f":class: {kind}, ")
    pyplot.close("all")
    return found


def darken(figure):
    """Give all that a figure shows the colours for black paper, in place."""
    for artist in figure.findobj():
        if isinstance(artist, text.Text):
            artist.set_color(turned(artist.get_color(), 4.5))
        elif isinstance(artist, lines.Line2D):
            for part in ("color", "markerfacecolor", "markeredgecolor"):
                _turn(artist, part)
        elif isinstance(artist, (patches.Patch, collections.Collection)):
            mapped = getattr(artist, "get_array", lambda: None)() is not None
            for part in ("edgecolor",) if mapped else ("facecolor", "edgecolor"):
                _turn(artist, part)
        elif isinstance(artist, image.AxesImage) and hasattr(artist, "rgb"):  # spikes as pixels
            artist.rgb, artist._drawn = colors.to_rgb(turned(artist.rgb)), (None, None)


def _turn(artist, part):
    before = getattr(artist, f"get_{part}")()
    if isinstance(before, str) and before in ("none", "auto", "face"):
        return
    given = colors.to_rgba_array(before)
    if len(given):
        turned_ones = [colors.to_rgba(turned(one), one[3]) for one in given]
        getattr(artist, f"set_{part}")(turned_ones if len(turned_ones) > 1 else turned_ones[0])


def turned(colour, least=3.0):
    """Return the colour for black paper that stands for one for white."""
    colour = colors.to_hex(colour)
    if colour in KNOWN:
        return KNOWN[colour]
    red, green, blue = colors.to_rgb(colour)
    if max(red, green, blue) - min(red, green, blue) < 0.08:  # ink, paper and greys between
        paper, ink = colors.to_rgb(PAPER), colors.to_rgb(INK)
        return colors.to_hex([i + (p - i) * red for i, p in zip(ink, paper)])
    return legible(colour, "#000000", least)
