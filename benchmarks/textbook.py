"""Textbook forms of four models: the same parameters, the printed equations, nothing rearranged."""

import copy

import torch
from torch import Tensor, nn

from emogap.models.batch import Batch
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.cross_attention import CrossAttention
from emogap.models.layers.gated_memory import GatedMemory
from emogap.models.layers.length_alignment import repeat_steps
from emogap.models.layers.tensor_fusion import LowRankFusion, with_one
from emogap.models.zoo import lmf, mfn, mult, tfn

__all__ = ["textbook_form"]


def textbook_form(model: GradientModel) -> GradientModel:
    """A copy of a TFN, LMF, MFN or MulT that computes as its paper is printed."""
    model = copy.deepcopy(model)
    match model:
        case tfn.Model():
            model.__class__ = TextbookTFN
            model.layers[0] = nn.Dropout(model.config.fused_dropout)
        case lmf.Model():
            for fusion in model.fusions.values():
                fusion.__class__ = TextbookFusion
        case mfn.Model():
            model.__class__ = TextbookMFN
        case mult.Model():
            for module in model.modules():
                if isinstance(module, CrossAttention):
                    module.__class__ = TextbookAttention
    return model


class TextbookTFN(tfn.Model):
    """Equation 2 of Zadeh et al. (2017): the outer product, written as one."""

    def fuse(self, vectors: dict[str, Tensor]) -> Tensor:
        face, eye, fixation = (with_one(vector) for vector in vectors.values())
        return torch.einsum("bi,bj,bk->bijk", face, eye, fixation)


class TextbookFusion(LowRankFusion):
    """Equations 3 and 5 of Liu et al. (2018): the outer product, and the weight tensor made of its factors."""

    def forward(self, vectors: dict[str, Tensor]) -> Tensor:
        factors = [self.factors[name] for name in vectors]
        weight = torch.einsum("r,iro,jro,kro->ijko", self.rank_weight[0], *factors)
        product = torch.einsum("bi,bj,bk->bijk", *(with_one(vector) for vector in vectors.values()))
        return product.flatten(1) @ weight.flatten(0, 2) + self.bias


class TextbookMFN(mfn.Model):
    """Section 3 of Zadeh et al. (2018): one LSTM cell per stream and the memory, step by step."""

    def forward(self, batch: Batch) -> Output:
        cells = {name: lstm.cell for name, lstm in self.lstms.items()}
        streams = {name: repeat_steps(batch.streams[name], self.num_steps) for name in self.task.streams}
        masks = {name: repeat_steps(batch.masks[name], self.num_steps) for name in self.task.streams}
        states = {
            name: (torch.zeros(batch.num_clips, cell.hidden_size), torch.zeros(batch.num_clips, cell.hidden_size))
            for name, cell in cells.items()
        }
        memory = torch.zeros(batch.num_clips, self.memory.width)
        for step in range(self.num_steps):
            before = torch.cat([cell for _, cell in states.values()], dim=1)
            for name, cell in cells.items():
                new, is_real = cell(streams[name][:, step], states[name]), masks[name][:, step, None]
                states[name] = tuple(torch.where(is_real, now, was) for now, was in zip(new, states[name], strict=True))
            window = torch.cat([before, *(cell for _, cell in states.values())], dim=1)
            is_any = torch.stack([mask[:, step] for mask in masks.values()]).any(dim=0)[:, None]
            memory = torch.where(is_any, recalled(self.memory, window, memory), memory)
        output = self.output(torch.cat([*(hidden for hidden, _ in states.values()), memory], dim=1))
        return Output({view: head(output) for view, head in self.heads.items()})


def recalled(module: GatedMemory, window: Tensor, memory: Tensor) -> Tensor:
    """The memory one step later, equations 1 to 7."""
    attended = module.attend(window) * window
    both = torch.cat([attended, memory], dim=1)
    retain, write = module.retain(both).sigmoid(), module.write(both).sigmoid()
    return retain * memory + write * module.update(attended).tanh()


class TextbookAttention(CrossAttention):
    """Equation 1 of Vaswani et al. (2017), by einsum."""

    def forward(self, asking_BQD: Tensor, key_BSD: Tensor, value_BSD: Tensor, mask: Tensor) -> Tensor:
        query, key, value = (
            layer(token).unflatten(-1, (self.num_heads, self.head_width))
            for layer, token in ((self.query, asking_BQD), (self.key, key_BSD), (self.value, value_BSD))
        )
        mask_B1QS = (mask if mask.ndim == 3 else mask.unsqueeze(1)).unsqueeze(1)
        score_BNQS = torch.einsum("bqnw,bsnw->bnqs", query, key) * self.head_width**-0.5
        # A step in reach of masked steps alone collects nothing; with minus infinity it would be NaN.
        weight_BNQS = score_BNQS.masked_fill(~mask_B1QS, -1e9).softmax(dim=-1) * mask_B1QS
        weight_BNQS = nn.functional.dropout(weight_BNQS, self.weight_dropout, self.training)
        collected_BQNW = torch.einsum("bnqs,bsnw->bqnw", weight_BNQS, value)
        return self.dropout(self.output(collected_BQNW.flatten(2)))
