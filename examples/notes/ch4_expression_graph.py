"""Sections 4.1 to 4.1.2: expression graphs of Vars and Ops, the call trace of evaluate(), and backward()."""

import time

import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)

# f = sin(x) + x y, line by line as in section 4.1
x = learn.Var(2.0, name="x")
y = learn.Var(3.0, name="y")
a = learn.sin(x)
b = x * y
f = a + b
names = {"a": a, "b": b, "f": f}
graph = learn.graph(f, names)
print(f"\n{graph}\n\nf.evaluate(), as section 4.1.1 draws it:\n\n{learn.trace(f, names)}")

page.section("f = sin(x) + x y at x = 2, y = 3")
page.row("Vars", 5, len(graph.vars), within=0)
page.row("Ops", 3, len(graph.ops), within=0)
page.claim("f.creator is +, its arguments are a and b", f.creator.name == "add" and f.creator.args == (a, b))
page.claim("a leaf has no creator", x.creator is None and y.creator is None)
page.row("f.evaluate() = sin 2 + 6", np.sin(2.0) + 6.0, f.evaluate(), within=0.0)
f.backward()
page.row("x.grad = cos x + y", np.cos(2.0) + 3.0, x.grad, within=0.0)
page.row("y.grad = x", 2.0, y.grad, within=0.0)
page.claim("val, grad and s have one shape (the notes print self.var for self.val)", x.grad.shape == np.shape(x.val))
page.slip("`self.var` in the listing of Var.backward is self.val")
f.zero_grad()
x.val = 0.5
page.row("after x.val = 0.5: f.evaluate()", np.sin(0.5) + 1.5, f.evaluate(), within=0.0)

page.section("f = a * b in the notes' four steps")
u, v = learn.Var(4.0, name="a"), learn.Var(5.0, name="b")
product = u * v
page.claim("1 the Op object  2 its args (a, b)", product.creator.name == "multiply" and product.creator.args == (u, v))
page.claim("3 a Var for the output  4 its creator is this Op", isinstance(product, learn.Var) and product.val == 20.0)

page.section("the chain rule: f = F(G(H(x))), F = exp, G = sin, H = square, at x = 0.7")
w = learn.Var(0.7)
learn.exp(learn.sin(learn.square(w))).backward()
chain = np.exp(np.sin(0.49)) * np.cos(0.49) * 1.4
page.row("dF/dg dG/dh dH/dx", chain, w.grad, within=1e-15)
page.section('a Var used several times: gradients add (the notes\' "increment" by multiplying is the chain factor)')
q = learn.Var(3.0)
(q * q).backward()
page.row("d(x x)/dx at 3", 6.0, q.grad, within=0.0)


def shared(depth):
    """x doubled `depth` times: 2^depth paths from the top to x; one visit to each Var is enough."""
    leaf = learn.Var(1.0)
    top = leaf
    for _ in range(depth):
        top = top + top
    began = time.perf_counter()
    top.backward()
    return leaf.grad, time.perf_counter() - began


grad, seconds = shared(30)
page.row("30-deep shared graph: derivative 2^30", 2.0**30, grad, within=0.0, digits=".0f")
page.claim("in linear time (the notes' recursion would make 2^30 calls)", seconds < 1.0, f"{seconds * 1e3:.2f} ms")

left, middle, right = page.panels(1, 3, size=(3.3, 3.2))
x.val = 2.0  # as in the text
f.evaluate()
learn.draw_graph(f, names, ax=left)
left.set_title("f = sin(x) + x y")
learn.draw_graph(product, {"f": product}, ax=middle)
middle.set_title("f = a * b")
depths = np.arange(1, 31)
right.plot(depths, [min(shared(int(d))[1] for _ in range(5)) * 1e6 for d in depths], ".", label="one walk")
right.set(xlabel="depth of x + x, repeated", ylabel="time of backward (µs)", title="cost of a shared graph")
page.done()
