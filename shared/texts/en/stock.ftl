# What the salon's people are told about the stock.

# $left, $minimum, $bought: quantities in $unit (g, ml, pcs), written out; $left-packs: whole packs left, none for what comes
# in single units; $packs: to order; $supplier: none when it was never bought.
stock-notice-below-minimum = Running low: { $item } ({ $location }). { $state ->
    [overdrawn] By the books more was used than came in: { $left } { $unit ->
        [g] g
        [ml] ml
       *[pcs] pcs
    } missing. An invoice was probably not entered.
    [gone] None is left.
   *[left] { $left } { $unit ->
        [g] g
        [ml] ml
       *[pcs] pcs
    } left, fewer than the { $minimum } you keep.
}
    I suggest ordering { $packs ->
        [0] some to spare
        [one] { $packs } pack
       *[other] { $packs } packs
    }{ $bought ->
        [none] { "" }
       *[other] {" "}({ $bought } { $unit ->
            [g] g
            [ml] ml
           *[pcs] pcs
        })
    }{ $supplier ->
        [none] .
       *[other] {" "}from { $supplier }.
    }
