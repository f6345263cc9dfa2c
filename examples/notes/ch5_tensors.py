"""Section 5.1.1: the tensor sessions of the notes, line by line."""

import numpy as np
from beside import Page

from spikesim import learn
from spikesim.errors import StateError

page = Page(__doc__)

page.section("operations on tensors")
x = learn.tensor([[1, 2], [3, 4.0]], dtype=float)
y = learn.log(x)
print(x, y, sep="\n")
for (i, j), printed in {(0, 0): 0.0, (0, 1): 0.6931, (1, 0): 1.0986, (1, 1): 1.3863}.items():
    page.row(f"log(x)[{i}, {j}]", printed, y.val[i, j], within=5e-5, digits=".4f")

page.section("automatic differentiation")
z = learn.tensor([1, 2], dtype=float, requires_grad=True)
learn.prod(z).backward()
page.claim("y = prod(z): z.grad = [2, 1]", z.grad.tolist() == [2.0, 1.0], str(z.grad))
try:
    learn.prod(learn.tensor([1, 2], dtype=float)).backward()
    refused = ""
except StateError as error:
    refused = str(error)
page.claim("without requires_grad=True there is no backward", refused)

z = learn.tensor([1, 2], dtype=float, requires_grad=True)
y1 = learn.prod(z)  # dy1/dz = [2, 1]
with learn.no_grad():
    y2 = learn.sum(z)  # dy2/dz = [1, 1], not recorded
(y1 + y2).backward()
page.claim("sum(z) inside no_grad: z.grad = [2, 1]", z.grad.tolist() == [2.0, 1.0], str(z.grad))
z = learn.tensor([1, 2], dtype=float, requires_grad=True)
(learn.prod(z) + learn.sum(z)).backward()
page.claim("without no_grad: z.grad = [3, 2]", z.grad.tolist() == [3.0, 2.0], str(z.grad))

z = learn.tensor([1, 2], dtype=float, requires_grad=True)
learn.prod(z).backward(retain_graph=True)
first = z.grad.tolist()
learn.sum(z).backward()
page.claim("two calls of backward add: [2, 1], then [3, 2]", (first, z.grad.tolist()) == ([2, 1], [3, 2]), str(z.grad))

page.section("arrays and tensors")
zn = np.array([1, 2], dtype=float)
zt = learn.tensor(zn)
zn[0] = 7.0
page.claim("array -> tensor makes a copy", zt.val.tolist() == [1.0, 2.0], str(zt))
zt = learn.tensor([1, 2], dtype=float)
zn = zt.numpy()
zn[0] = -1000.0
page.claim("tensor -> array does not: zn[0] = -1000. is seen in zt", zt.val.tolist() == [-1000.0, 2.0], str(zt))
zt = learn.tensor([1, 2], dtype=float, requires_grad=True)
try:
    zt.numpy()
    refused = ""
except StateError as error:
    refused = str(error)
page.claim("numpy() of one that requires grad names detach()", "detach().numpy()" in refused)
print(f"    {refused}")
page.claim("zt.detach().numpy() is [1, 2]", zt.detach().numpy().tolist() == [1.0, 2.0], str(zt.detach().numpy()))

left, right = page.panels(1, 2, size=(3.6, 3.0))
v = learn.tensor(np.linspace(0.2, 4.0, 100), requires_grad=True)
learn.log(v).sum().backward()
left.plot(v.detach().numpy(), learn.log(v).detach().numpy(), label="log x")
left.plot(v.detach().numpy(), v.grad, "--", label="its derivative, by backward()")
left.plot(x.val.ravel(), y.val.ravel(), "ko", markersize=4, label="the notes' four values")
left.set(xlabel="x", title="a tensor through log")
z = learn.Var([1.0, 2.0], name="z")
p, s = learn.prod(z), learn.sum(z)
total = p + s
total.backward()
learn.draw_graph(total, {"y1": p, "y2": s, "y": total}, ax=right)
right.set_title("z.grad = [2, 1] + [1, 1]")
page.done()
