# What the salon's people are told about the stock.

# $left, $minimum, $bought: quantities in $unit (g, ml, pcs), written out; $left-packs: whole packs left, none for what comes
# in single units; $packs: to order; $supplier: none when it was never bought.
stock-notice-below-minimum = Заканчивается: { $item } ({ $location }). { $state ->
    [overdrawn] По учёту ушло больше, чем пришло: не хватает { $left } { $unit ->
        [g] г
        [ml] мл
       *[pcs] шт.
    } Похоже, не внесли накладную.
    [gone] Не осталось совсем.
   *[left] Осталось { $left } { $unit ->
        [g] г
        [ml] мл
       *[pcs] шт.
    }, меньше нужных { $minimum }.
}
    Предлагаю заказать { $packs ->
        [0] с запасом
        [one] { $packs } упаковку
        [few] { $packs } упаковки
       *[other] { $packs } упаковок
    }{ $bought ->
        [none] { "" }
       *[other] {" "}({ $bought } { $unit ->
            [g] г
            [ml] мл
           *[pcs] шт.
        })
    }{ $supplier ->
        [none] .
       *[other] {" "}у поставщика: { $supplier }.
    }
